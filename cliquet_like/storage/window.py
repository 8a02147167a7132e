"""The span of timestamps that filters or page rules can reach, so that the rest need not be read."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Final, NamedTuple

from cliquet_like.storage.query import COMPARISON, Filter, Rules


class Window(NamedTuple):
    """Timestamps in ms from ``low`` to ``high``, both included; infinite where unbounded."""

    low: float = -inf
    high: float = inf

    def within(self, other: "Window") -> "Window":
        """Only what both windows hold; ``low`` is above ``high`` when that is nothing."""
        return Window(max(self.low, other.low), min(self.high, other.high))


_BOUNDS: Final[Mapping[COMPARISON, Callable[[int], Window]]] = {
    COMPARISON.EQ: lambda value: Window(value, value),
    COMPARISON.LT: lambda value: Window(high=value - 1),
    COMPARISON.MAX: lambda value: Window(high=value),
    COMPARISON.GT: lambda value: Window(low=value + 1),
    COMPARISON.MIN: lambda value: Window(low=value),
}


def split_filters(filters: Iterable[Filter] | None, modified_field: str) -> tuple[Window, list[Filter]]:
    """Window of the filters on the timestamp, with the filters that it does not express."""
    window, others = Window(), []
    for condition in filters or ():
        field, value, operator = condition
        if field == modified_field and operator in _BOUNDS and type(value) is int:
            window = window.within(_BOUNDS[operator](value))
        else:
            others.append(condition)
    return window, others


def window_of_rules(rules: Rules | None, modified_field: str) -> Window:
    """Smallest window that holds every record for which the rules may hold."""
    if not rules:
        return Window()
    windows = [split_filters(group, modified_field)[0] for group in rules]
    return Window(min(window.low for window in windows), max(window.high for window in windows))

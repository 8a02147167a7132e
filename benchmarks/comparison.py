"""Services measured in turns, so that a busy moment of the machine hits all of them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from benchmarks.subjects import Process
from benchmarks.workloads import WORKLOADS, Workload

_FIRST = 10_000
"""Number of the first call that is timed; the calls before it warm up."""
_WARM_UP_CALLS = 20
_MOST_CALLS = 5_000


class Disagreement(AssertionError):
    """Two services answer differently, so that to compare their speed means nothing."""


@dataclass(frozen=True)
class Figures:
    """Seconds of a call of one workload: for each service those of each round, None where it has no such."""

    workload: Workload
    rounds: list[list[float] | None]

    @property
    def medians(self) -> list[float | None]:
        """Of each service."""
        return [None if seconds is None else statistics.median(seconds) for seconds in self.rounds]

    @property
    def ratios(self) -> list[float | None]:
        """Of each service to the first one: the median of its ratios in each round."""
        first = self.rounds[0]
        return [
            None if not first or not own else statistics.median(_held_against(first, own))
            for own in self.rounds
        ]

    def spread(self, place: int) -> tuple[float, float] | None:
        """The middle half of the ratios of a service: a quarter of the rounds is below, and one above."""
        first, own = self.rounds[0], self.rounds[place]
        if not first or not own:
            return None
        ratios = sorted(_held_against(first, own))
        return ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]


def _held_against(first: list[float], own: list[float]) -> list[float]:
    """Ratios of what was measured right after each other."""
    return [seconds / base for base, seconds in zip(first, own, strict=True)]


def compare(
    processes: Sequence[Process], names: Iterable[str], *, rounds: int, seconds: float
) -> list[Figures]:
    """Figures of each workload, once all services agree on what they answer."""
    lacking = [set(process.ask("lacks")) for process in processes]
    compared = []
    for name in names:
        taking_part = [
            process for process, lacks in zip(processes, lacking, strict=True) if name not in lacks
        ]
        refuse_disagreement(taking_part, name)
        figures = measure(taking_part, WORKLOADS[name], rounds=rounds, seconds=seconds)
        found = dict(zip([id(process) for process in taking_part], figures, strict=True))
        compared.append(Figures(WORKLOADS[name], [found.get(id(process)) for process in processes]))
    return compared


def refuse_disagreement(processes: Sequence[Process], name: str) -> None:
    """Raise ``Disagreement`` unless all show the same records, and ours and the one by hand the same body."""
    reference: dict[str, Any] = {}
    for process in processes:
        sample = process.ask("sample", workload=name)
        if process.kind.environment is not None:
            del sample["body"]
        for aspect, found in sample.items():
            expected = reference.setdefault(aspect, found)
            if found != expected:
                raise Disagreement(f"{name}: {process.kind.name} answers {found!r} instead of {expected!r}")


def measure(
    processes: Sequence[Process], workload: Workload, *, rounds: int, seconds: float
) -> list[list[float]]:
    """Seconds of a call, for each service in each round; all make the same calls on the same records."""
    if workload.writes:
        for process in processes:
            process.reset()
    for process in processes:
        process.ask("check", workload=workload.name, first=0, calls=workload.few(_WARM_UP_CALLS))
    calls = _calls_in(seconds, processes, workload)
    first = _FIRST
    found: list[list[float]] = [[] for _ in processes]
    for _ in tqdm(range(rounds), desc=f"{workload.name:<32}", leave=False, disable=None):
        for process, figures in zip(processes, found, strict=True):
            figures.append(process.ask("run", workload=workload.name, first=first, calls=calls))
        first += calls
    return found


def _calls_in(seconds: float, processes: Sequence[Process], workload: Workload) -> int:
    """Calls that take about so long on the slower one of the first two; all are tried, as they may write."""
    tried = {"workload": workload.name, "first": 1_000, "calls": workload.few(10)}
    taken: list[float] = [process.ask("run", **tried) for process in processes]
    return max(1, min(_MOST_CALLS, round(seconds / max(taken[:2]))))

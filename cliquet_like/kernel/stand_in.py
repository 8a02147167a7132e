"""A stand-in for an object, with methods of its own in the place of some of the object's."""

from collections.abc import Callable, Mapping
from typing import Any, Final, SupportsIndex

_OWN: Final = frozenset({"_StandIn__methods", "_StandIn__subject"})


class StandIn:
    """``isinstance`` says of it what it says of the object; attributes are read, set and deleted there.

    A copy or a pickle of it is one of the object. Other special methods are not passed on: it
    has no ``len()``, cannot be called, and equals itself only.
    """

    # Mangled, so that no attribute of the object is hidden.
    __slots__ = ("__methods", "__subject")

    def __init__(self, subject: Any, methods: Mapping[str, Callable[..., Any]]) -> None:
        """Call these methods, by name, where those of the object would be called; the mapping is kept."""
        keep = object.__setattr__
        keep(self, "_StandIn__subject", subject)
        keep(self, "_StandIn__methods", methods)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self.__subject)

    def __getattr__(self, name: str) -> Any:
        # Those are missing until it is made: looking them up in the object would ask for them again.
        if name in _OWN:
            raise AttributeError(name)
        method = self.__methods.get(name)
        return getattr(self.__subject, name) if method is None else method

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__subject, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__subject, name)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        reduced: str | tuple[Any, ...] = self.__subject.__reduce_ex__(protocol)
        return reduced

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__subject!r}>"

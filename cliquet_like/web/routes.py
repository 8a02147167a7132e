"""Which route a path takes: the first two segments decide which ones are tried.

Pyramid tries all, one after the other. A service has two routes a resource, most of them below the
version, so that of many resources all but one differ from a path in the first two segments.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from pyramid.interfaces import IRoutesMapper
from pyramid.urldispatch import Route, RoutesMapper

Segments = tuple[str, ...]

_DEPTH: Final = 2
_VARIABLE: Final = "{*:\n"
"""Signs of a pattern that begin what is not literal, or not compared as it is written."""


def setup_routes(config: Any) -> None:
    """Let the routes be found by their segments, unless the application has a mapper of its own."""
    mapper = config.get_routes_mapper()
    if type(mapper) is RoutesMapper:
        config.registry.registerUtility(RoutesBySegment(mapper), IRoutesMapper)


class RoutesBySegment(RoutesMapper):
    """The routes of another mapper, those with the literal segments of a path tried in their order."""

    def __init__(self, mapper: RoutesMapper) -> None:
        super().__init__()
        self.routelist = mapper.routelist
        self.static_routes = mapper.static_routes
        self.routes = mapper.routes
        self.on_request: Callable[[Any], None] | None = None
        """Called with each request, where it may be that nobody heard of it: this is what comes next."""
        self._groups: dict[Segments, list[Route]] = {}
        self._grouped = -1

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        """Add a route, or replace the one of this name."""
        self._grouped = -1
        return super().connect(*args, **kwargs)

    def __call__(self, request: Any) -> dict[str, Any]:
        """Route of a request, and its variables; both are None when there is none."""
        if self.on_request is not None:
            self.on_request(request)
        try:
            path = request.path_info or "/"
        except (KeyError, UnicodeDecodeError):
            answer: dict[str, Any] = super().__call__(request)
            return answer
        for route in self._candidates(path):
            match = route.match(path)
            if match is not None:
                found = {"match": match, "route": route}
                if all(predicate(found, request) for predicate in route.predicates):
                    return found
        return {"match": None, "route": None}

    def _candidates(self, path: str) -> Sequence[Route]:
        groups = self._groups
        # The mapper before this one has the same list, and somebody may still add to it there.
        if self._grouped != len(self.routelist):
            groups = self._groups = _grouped(self.routelist)
            self._grouped = len(self.routelist)
        # The pattern of a route ends in "$", which a line end may follow.
        segments = tuple(path.removesuffix("\n").split("/", _DEPTH + 1)[1 : _DEPTH + 1])
        while segments not in groups:
            segments = segments[:-1]
        return groups[segments]


def _grouped(routes: Sequence[Route]) -> dict[Segments, list[Route]]:
    """Routes that a path may take, by the first of its segments that any route is literal about."""
    literal = [(route, _literal_segments(route.pattern)) for route in routes]
    keys = {segments[:length] for _, segments in literal for length in range(_DEPTH + 1)} | {()}
    return {key: [route for route, segments in literal if key[: len(segments)] == segments] for key in keys}


def _literal_segments(pattern: Any) -> Segments:
    """Whole segments before the first variable, :data:`_DEPTH` at most; bytes are not looked at."""
    if not isinstance(pattern, str):
        return ()
    segments = ("/" + pattern.removeprefix("/")).split("/")[1:]
    whole = []
    for segment in segments[:_DEPTH]:
        if any(sign in segment for sign in _VARIABLE):
            break
        whole.append(segment)
    return tuple(whole)

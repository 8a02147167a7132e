"""Routes found by the first segments of a path: the same as those that Pyramid finds one after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyramid.config import Configurator
from pyramid.exceptions import URLDecodeError
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

from cliquet_like.web.routes import RoutesBySegment, setup_routes

PATTERNS = (
    *("/v1/", "/v1", "/v1/books", "/v1/books/{id}", "/v1/books/{id}/pages", "v1/boo{end}"),
    *("/{any}", "/", "/v1/:old", "/v1/*rest", "/*all", "/é/{id}", "/v1/x{n:\\d{2}}/end", "/v1/\n"),
    *("/v1/{two:[^/]+/[^/]+}", "//odd", "/v1//odd", " /blank"),
)
SEGMENTS = ("v1", "books", "boots", "", "é", "x12", "end", "7", "\n", "books\n", "odd", "pages", "%41")


def mapper_of(patterns):
    mapper = RoutesMapper()
    for number, pattern in enumerate(patterns):
        mapper.connect(str(number), pattern)
    return mapper


def asked(path):
    request = Request.blank("/")
    request.environ["PATH_INFO"] = path.encode().decode("latin-1")
    return request


@given(
    patterns=st.permutations(PATTERNS),
    path=st.lists(st.sampled_from(SEGMENTS), max_size=4).map("/".join),
    begin=st.sampled_from(("", "/")),
)
def test_every_path_takes_the_route_that_pyramid_finds(patterns, path, begin):
    mapper = mapper_of(patterns)
    request = asked(begin + path)

    found = RoutesBySegment(mapper)(request)

    assert found == mapper(request)


def test_routes_of_other_segments_are_not_tried():
    tried = []
    mapper = RoutesBySegment(
        mapper_of(["/v1/books/{id}", "/v1/boots/{id}", "/{any}/x/{id}", "/v2/books/{id}"])
    )
    for route in mapper.get_routes():
        route.match = lambda path, pattern=route.pattern: tried.append(pattern)

    mapper(asked("/v1/books/7"))

    assert tried == ["/v1/books/{id}", "/{any}/x/{id}"]


def test_a_predicate_that_does_not_hold_leaves_the_request_to_the_next_route():
    mapper = RoutesBySegment(RoutesMapper())
    mapper.connect("refusing", "/v1/{id}", predicates=(lambda found, request: False,))
    mapper.connect("taking", "/v1/{id}", predicates=(lambda found, request: found["match"] == {"id": "7"},))

    found = mapper(asked("/v1/7"))

    assert found["route"].name == "taking"


def test_a_route_that_comes_later_is_found():
    mapper = RoutesBySegment(mapper_of(["/v1/books"]))
    before = mapper(asked("/v1/boots"))

    mapper.connect("boots", "/v1/boots")

    assert before["route"] is None
    assert mapper(asked("/v1/boots"))["route"].name == "boots"


def test_a_route_that_comes_by_the_mapper_before_is_found():
    before = mapper_of(["/v1/books"])
    mapper = RoutesBySegment(before)
    mapper(asked("/v1/boots"))

    before.connect("boots", "/v1/boots")

    assert mapper(asked("/v1/boots"))["route"].name == "boots"


def test_a_route_of_the_same_name_takes_the_place_of_the_old_one():
    mapper = RoutesBySegment(mapper_of(["/v1/books"]))
    mapper(asked("/v1/books"))

    mapper.connect("0", "/v1/boots")

    assert mapper(asked("/v1/books"))["route"] is None
    assert mapper(asked("/v1/boots"))["route"].name == "0"


def test_a_pattern_of_bytes_is_a_pattern():
    mapper = RoutesBySegment(mapper_of([b"/v1/books"]))

    assert mapper(asked("/v1/books"))["route"].name == "0"


def test_a_server_that_gives_no_path_asks_for_the_root():
    request = Request.blank("/")
    del request.environ["PATH_INFO"]

    found = RoutesBySegment(mapper_of(["/v1/", "/"]))(request)

    assert found["route"].name == "1"


def test_a_path_that_is_no_utf_8_is_refused():
    request = Request.blank("/")
    request.environ["PATH_INFO"] = "/\xff"

    with pytest.raises(URLDecodeError):
        RoutesBySegment(mapper_of(["/v1/"]))(request)


def test_routes_from_before_and_after_the_setup_are_found():
    config = Configurator(autocommit=True)
    config.add_route("before", "/v1/books")
    config.add_route("shown", "https://other.example/{id}")

    setup_routes(config)
    config.add_route("after", "/v1/boots")

    mapper = config.registry.getUtility(IRoutesMapper)
    assert isinstance(mapper, RoutesBySegment)
    assert [mapper(asked(path))["route"].name for path in ("/v1/books", "/v1/boots")] == ["before", "after"]
    assert mapper.get_routes(include_static=True)[-1].name == "shown"


def test_a_mapper_of_the_application_stays():
    class OwnMapper(RoutesMapper):
        pass

    config = Configurator(autocommit=True)
    own = OwnMapper()
    config.registry.registerUtility(own, IRoutesMapper)

    setup_routes(config)

    assert config.registry.getUtility(IRoutesMapper) is own

"""Ids of the objects that permissions are about."""

from types import SimpleNamespace
from typing import Any

import pytest

from cliquet_like.authorization.objects import (
    collection_object_id,
    permission_object_id,
    record_id_in,
    service_of,
)


def made_by_hand(path: str, **matchdict: str) -> Any:
    """A request without route."""
    return SimpleNamespace(upath_info=path, matchdict=matchdict or None)


def routed(path: str, service: Any, **matchdict: str) -> Any:
    """A request that was routed to a service."""
    registry = SimpleNamespace(cornice_services={"pattern": service})
    route = SimpleNamespace(pattern="pattern", name="route")
    return SimpleNamespace(upath_info=path, matchdict=matchdict, matched_route=route, registry=registry)


BOOKS = SimpleNamespace(
    collection_path=r"/shelves/{shelf:[a-z]{1,3}}/books",
    record_path=r"/shelves/{shelf:[a-z]{1,3}}/books/{id}",
)


def test_a_request_without_route_has_no_service() -> None:
    assert service_of(made_by_hand("/v1/things")) is None
    assert service_of(SimpleNamespace(matched_route=None)) is None
    assert service_of(routed("/v1/shelves/a/books", BOOKS)) is BOOKS


@pytest.mark.parametrize(
    ("path", "record_id", "matchdict", "expected"),
    [
        ("/v1/things", None, {}, "/things"),
        ("/v1/things", "x", {}, "/things/x"),
        ("/v1/things/x", None, {"id": "x"}, "/things/x"),
        ("/v1/things/x", "x", {"id": "x"}, "/things/x"),
        ("/things", None, {}, "/things"),
        ("/v1/été", None, {}, "/été"),
    ],
)
def test_without_route_the_object_is_the_path(
    path: str, record_id: str | None, matchdict: dict[str, str], expected: str
) -> None:
    assert permission_object_id(made_by_hand(path, **matchdict), record_id) == expected


def test_an_object_of_a_resource_has_its_variables_in_it() -> None:
    on_collection = routed("/v1/shelves/a/books", BOOKS, shelf="a")
    on_record = routed("/v1/shelves/a/books/x", BOOKS, shelf="a", id="x")

    assert permission_object_id(on_collection) == "/shelves/a/books"
    assert permission_object_id(on_collection, "é") == "/shelves/a/books/é"
    assert permission_object_id(on_collection, "*") == "/shelves/a/books/*"
    assert permission_object_id(on_record) == "/shelves/a/books/x"
    assert permission_object_id(on_record, "y") == "/shelves/a/books/y"
    assert collection_object_id(on_record) == "/shelves/a/books"


def test_what_a_variable_holds_is_not_filled_in_again() -> None:
    request = routed("/v1/shelves/{id}/books", BOOKS, shelf="{id}")

    assert permission_object_id(request, "x") == "/shelves/{id}/books/x"


@pytest.mark.parametrize(
    ("object_id", "pattern", "expected"),
    [
        ("/things/x", "/things/*", "x"),
        ("/things/x/parts", "/things/*/parts", "x"),
        ("/things/x/y", "/things/*", None),
        ("/things/", "/things/*", None),
        ("/things", "/things/*", None),
        ("/others/x", "/things/*", None),
        ("/things/x", "/things/*/parts", None),
        ("thing x", "thing *", "x"),
    ],
)
def test_the_record_of_an_object_is_one_step_below_its_collection(
    object_id: str, pattern: str, expected: str | None
) -> None:
    assert record_id_in(object_id, pattern) == expected

"""Bodies with permissions beside the data."""

from types import SimpleNamespace
from typing import Any

import colander
import pytest
from cornice.errors import Errors

from cliquet_like.kernel.codec import dumps
from cliquet_like.resource import ResourceSchema, ShareableResource, ShareableViewSet
from cliquet_like.resource.payload import validate_payload


class MushroomSchema(ResourceSchema):
    name = colander.SchemaNode(colander.String())


class Mushroom(ShareableResource):
    mapping = MushroomSchema()


class Free(ShareableResource):
    """Nothing is required, and any permission is known."""

    permissions = ()


def validate(body: Any, *, method: str = "POST", resource: type = Mushroom, schema: Any = None) -> Any:
    schema = schema or ShareableViewSet().get_record_schema(resource, method)
    text = body if isinstance(body, bytes) else dumps(body)
    request = SimpleNamespace(body=text, errors=Errors(), validated={})
    validate_payload(request, schema=schema)
    return request


DATA = {"name": "a"}
LONG = "a" * 256


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "permissions", [{}, {"read": []}, {"read": ["a", "a", "é"]}, {"read": ["a"], "write": ["a" * 255]}]
)
def test_permissions_are_kept_as_sent(method: str, permissions: Any) -> None:
    request = validate({"data": DATA, "permissions": permissions}, method=method)

    assert not request.errors
    assert request.validated["permissions"] == permissions


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_permissions_that_were_not_sent_are_not_there(method: str) -> None:
    request = validate({"data": DATA}, method=method)

    assert not request.errors
    assert "permissions" not in request.validated


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    ("permissions", "name"),
    [
        ({"fly": ["a"]}, "permissions.fly"),
        ({"read": "a"}, "permissions.read"),
        ({"read": None}, "permissions.read"),
        ({"read": [1]}, "permissions.read"),
        ({"read": [None]}, "permissions.read"),
        ({"read": [["a"]]}, "permissions.read"),
        ({"read": [""]}, "permissions.read"),
        ({"read": [LONG]}, "permissions.read"),
        ({"read": {"a": 1}}, "permissions.read"),
        ([], "permissions"),
        ("read", "permissions"),
        (None, "permissions"),
        (1, "permissions"),
    ],
)
def test_what_is_wrong_is_named(method: str, permissions: Any, name: str) -> None:
    request = validate({"data": DATA, "permissions": permissions}, method=method)

    assert [error["name"] for error in request.errors] == [name]
    assert request.validated == {}


@pytest.mark.parametrize("name", ["", LONG])
def test_the_name_of_any_permission_has_a_length(name: str) -> None:
    assert validate({"permissions": {name: ["a"]}}, resource=Free).errors


@pytest.mark.parametrize("text", [rb"\u0000", rb"\ud800"])
@pytest.mark.parametrize("body", [b'{"permissions": {"x": ["%s"]}}', b'{"permissions": {"%s": ["x"]}}'])
def test_texts_that_no_backend_keeps_are_refused(body: bytes, text: bytes) -> None:
    assert validate(body % text, resource=Free).errors


def test_permissions_suffice_for_a_change_only() -> None:
    body = {"permissions": {"read": ["a"]}}

    assert validate(body, method="PATCH").validated["data"] == {}
    assert [error["name"] for error in validate(body, method="PUT").errors] == ["data"]
    assert validate(body, method="PUT", resource=Free).validated["data"] == {}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"other": 1}', b'{"permissions": {}, "other": 1}'])
def test_a_change_needs_something_and_nothing_unknown(body: bytes) -> None:
    assert validate(body, method="PATCH").errors


def test_a_schema_keeps_nothing_from_one_request_to_the_next() -> None:
    schema = ShareableViewSet().get_record_schema(Mushroom, "POST")
    bodies: list[Any] = [
        {"data": DATA, "permissions": {"read": ["a"]}},
        {"data": DATA, "permissions": {"fly": ["a"]}},
        {"data": DATA},
        {"data": DATA, "permissions": {}},
    ]

    found = [validate(body, schema=schema).validated.get("permissions") for body in bodies]

    assert found == [{"read": ["a"]}, None, None, {}]

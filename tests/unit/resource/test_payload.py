from types import SimpleNamespace
from typing import Any

import colander
import pytest
from cornice.errors import Errors

from cliquet_like.resource.payload import PayloadSchema, changes_schema, payload_schema, validate_payload
from cliquet_like.resource.schema import URL, ResourceSchema


class Bookmark(ResourceSchema):
    url = URL()


class Note(ResourceSchema):
    text = colander.SchemaNode(colander.String(), missing="")


def validate(body: bytes, schema: Any) -> Any:
    request = SimpleNamespace(body=body, errors=Errors(), validated={})
    validate_payload(request, schema=schema)
    return request


def test_a_valid_body_is_kept_as_validated_and_as_sent() -> None:
    request = validate(b'{"data": {"url": " http://x ", "other": 1}}', payload_schema(Bookmark()))

    assert not request.errors
    assert request.validated == {
        "data": {"url": "http://x"},
        "body": {"data": {"url": " http://x ", "other": 1}},
    }


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "data"),
        (b"  ", "data"),
        (b"{", ""),
        (b"null", ""),
        (b"[]", ""),
        (b'"x"', ""),
        (b"{}", "data"),
        (b'{"data": []}', "data"),
        (b'{"data": {}}', "data.url"),
        (b'{"data": {"url": "x"}}', "data.url"),
        (b'{"data": {"url": "http://x"}, "other": 1}', "other"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, name: str) -> None:
    request = validate(body, payload_schema(Bookmark()))

    (error,) = request.errors
    assert error["location"] == "body"
    assert error["name"] == name
    assert request.validated == {}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": {}}'])
def test_data_may_be_absent_when_nothing_is_required(body: bytes) -> None:
    request = validate(body, payload_schema(Note()))

    assert not request.errors
    assert request.validated["data"] == {"text": ""}


def test_changes_are_any_mapping() -> None:
    request = validate(b'{"data": {"anything": [1]}}', changes_schema())

    assert request.validated["data"] == {"anything": [1]}


@pytest.mark.parametrize("body", [b"", b"{}", b'{"data": "x"}', b'{"data": {}, "other": 1}'])
def test_changes_must_be_there(body: bytes) -> None:
    assert validate(body, changes_schema()).errors


def test_what_is_no_mapping_is_invalid_without_a_request_too() -> None:
    with pytest.raises(colander.Invalid):
        payload_schema(Note()).deserialize([])


class Rights(colander.MappingSchema):
    read = colander.SchemaNode(colander.Int())
    write = colander.SchemaNode(colander.Int(), missing=colander.drop)


def answer_of(body: Any, *, typ: Any = None, hooks: Any = None, **options: Any) -> Any:
    """What a schema makes of a body; ``typ`` is what it takes in place of its own type."""
    schema = PayloadSchema()
    schema.typ = typ or schema.typ
    schema.add(colander.SchemaNode(colander.Mapping(), *Bookmark().children, name="data", **options))
    schema.add(Rights(name="permissions", **options))
    schema.permissions_suffice = True
    for name, hook in (hooks or {}).items():
        setattr(schema, name, hook)
    try:
        return schema.deserialize(body)
    except colander.Invalid as error:
        return error.asdict()


def forbid_two(node: Any, body: Any) -> None:
    if len(body) == 2:
        raise colander.Invalid(node, "not both")


@pytest.mark.parametrize("hooks", [{}, {"validator": forbid_two, "preparer": dict.copy}], ids=["", "hooks"])
@pytest.mark.parametrize("options", [{}, {"missing": colander.drop}, {"missing": None}], ids=repr)
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": {"url": "http://x"}},
        {"data": {"url": "http://x"}, "permissions": {"read": 1}},
        {"data": {"url": "x"}, "permissions": {"read": "x", "write": "y"}},
        {"permissions": {"read": 1, "other": 2}},
        {"data": {"url": "http://x"}, "permissions": {"read": "1", "write": None}},
        {"data": None, "permissions": 1},
        [],
        "text",
    ],
    ids=repr,
)
def test_the_shorter_way_ends_where_colanders_does(body: Any, options: Any, hooks: Any) -> None:
    assert answer_of(body, hooks=hooks, **options) == answer_of(
        body, typ=colander.Mapping(), hooks=hooks, **options
    )


def test_a_validator_of_the_whole_body_is_asked() -> None:
    body = {"data": {"url": "http://x"}, "permissions": {"read": 1}}

    assert answer_of(body, hooks={"validator": forbid_two}) == {"": "not both"}

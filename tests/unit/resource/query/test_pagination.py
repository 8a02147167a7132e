import base64
import json

import pytest

from cliquet_like.resource.query.errors import QueryError
from cliquet_like.resource.query.pagination import Position, encode_token, parse_token
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Sort

SORTING = (Sort("title", 1), Sort("last_modified", -1), Sort("id", -1))
VALUES = {"title": "x", "last_modified": 3, "id": "a"}


def token_of(content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def parse(token: str) -> Position:
    return parse_token(token, SORTING, id_field="id", modified_field="last_modified")


def test_a_token_says_where_the_page_ended() -> None:
    token = encode_token({**VALUES, "other": 1}, SORTING, 5)

    assert parse(token) == Position(VALUES, 5)


def test_the_same_page_gives_the_same_token() -> None:
    assert encode_token(VALUES, SORTING, 5) == encode_token(dict(reversed(VALUES.items())), SORTING, 5)


def test_a_missing_field_stays_missing() -> None:
    token = encode_token({"last_modified": 3, "id": "a"}, SORTING, 5)

    first_rule = parse(token).rules(SORTING)[0]

    assert first_rule == [Filter("title", MISSING, COMPARISON.GT)]


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        None,
        {"last_record": {}, "offset": 1},
        {"last_record": [], "offset": 1},
        {"last_record": VALUES},
        {"last_record": VALUES, "offset": -1},
        {"last_record": VALUES, "offset": True},
        {"last_record": VALUES, "offset": "1"},
        {"last_record": {**VALUES, "x' OR 1=1 --": "y"}, "offset": 1},
        {"last_record": {**VALUES, "last_modified": "1"}, "offset": 1},
        {"last_record": {**VALUES, "last_modified": [1]}, "offset": 1},
        {"last_record": {**VALUES, "last_modified": True}, "offset": 1},
        {"last_record": {**VALUES, "id": None}, "offset": 1},
        {"last_record": {**VALUES, "title": "\0"}, "offset": 1},
        {"last_record": {**VALUES, "title": "\ud800"}, "offset": 1},
        {"last_record": {**VALUES, "title": 2**70}, "offset": 1},
    ],
)
def test_a_forged_token_is_refused(content: object) -> None:
    with pytest.raises(QueryError) as caught:
        parse(token_of(content))

    assert caught.value.name == "_token"


@pytest.mark.parametrize(
    "text", ["!", "abc", "é", base64.b64encode(b"\xff").decode(), base64.b64encode(b"[" * 5000).decode()]
)
def test_what_is_no_base64_of_json_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="base64"):
        parse(text)

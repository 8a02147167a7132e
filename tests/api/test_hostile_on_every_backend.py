"""What is refused, and what is stored and found again, is the same on every backend."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from webob import Request

from cliquet_like.testing.app import basic_auth, make_wsgi_app
from tests.contracts import backends

ID = "00000000-0000-4000-8000-000000000001"
RECORDS = "/v1/bookmarks"

NUMBERS = ["1e999", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e300"]
NUMBERS += ["5e-324", "-0.0", "1.0", "0.1", "0.10000000000000000001", "1e22", "12345678901234567890", "NaN"]
TEXTS = [
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\uffff"',
    '"e\\u0301"',
]
OTHERS = [
    "[" * 90 + "]" * 90,
    "[" * 200 + "]" * 200,
    '{"": {"": [null]}}',
    '{"\\u0000": 1}',
    '{"a.b": {"$": 1}}',
]
QUERIES = [
    "x",
    "_sort=x",
    "_sort=-x.y",
    "_sort=x..y,-",
    "x=%00",
    "x=%ed%a0%80",
    "x=9223372036854775808",
    "x=1e999",
]
QUERIES += [
    "_since=9223372036854775807",
    "_since=99999999999999999999",
    "_since=-1",
    "_to=0",
    "in_x=1,2,%22a%22",
]
QUERIES += [
    "exclude_id=" + ID,
    "min_x=1",
    "max_x=%22%22",
    "not_x=null",
    "gt_x=true",
    "_limit=0",
    "_limit=1e3",
]
FIELDS = [
    'a"b',
    "a'b",
    "\\",
    "[0]",
    "$",
    "%",
    "%s",
    "?",
    ":x",
    "a b",
    "é",
    "\U0001f600",
    "x.y",
    ".",
    "--",
    "null",
]


def answer_of(app: Any, method: str, path: str, body: str = "") -> tuple[int, Any]:
    """Status and body, without what differs from one application to the next."""
    request = Request.blank(path, method=method, headers={"Authorization": basic_auth("ada")})
    if method != "GET":
        request.content_type = "application/json"
        request.body = body.encode()
    response = request.get_response(app)
    answer = json.loads(response.body)
    return response.status_code, strip(answer)


def strip(answer: Any) -> Any:
    """Answer without timestamps."""
    if isinstance(answer, dict):
        return {name: strip(value) for name, value in answer.items() if name != "last_modified"}
    return [strip(item) for item in answer] if isinstance(answer, list) else answer


@pytest.fixture(scope="module", params=[name for name in backends.NAMES if name != "memory"])
def apps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The hostile application on memory, and on another backend."""
    directory: Path = tmp_path_factory.mktemp("hostile")
    with backends.new_settings(request.param, directory) as settings:
        made = [make_wsgi_app("tests.hostile", settings=chosen) for chosen in ({}, settings)]
        storage = made[1].registry.storage
        storage.initialize_schema()
        yield made
        if request.param in backends.TRANSACTIONAL:
            storage.database.close()


@pytest.mark.parametrize("value", [*NUMBERS, *TEXTS, *OTHERS], ids=range(len([*NUMBERS, *TEXTS, *OTHERS])))
def test_a_value_is_refused_by_all_or_read_back_from_all(apps: list[Any], value: str) -> None:
    body = f'{{"data": {{"url": "http://x/", "x": {value}}}}}'

    written, read = (
        [answer_of(app, method, f"{RECORDS}/{ID}", text) for app in apps]
        for method, text in (("PUT", body), ("GET", ""))
    )

    assert written[0] == written[1]
    assert read[0] == read[1]
    assert written[0][0] < 500


@pytest.mark.parametrize("query", [*QUERIES, *(f"{quote(field)}=1" for field in FIELDS)])
def test_a_query_is_refused_by_all_or_finds_the_same(apps: list[Any], query: str) -> None:
    for app in apps:
        fields = {"url": "http://x/", "x": {"y": 1}} | dict.fromkeys(FIELDS, 1)
        answer_of(app, "PUT", f"{RECORDS}/{ID}", json.dumps({"data": fields}))

    answers = [answer_of(app, "GET", f"{RECORDS}?{query}") for app in apps]

    assert answers[0] == answers[1]
    assert answers[0][0] in (200, 304, 400)

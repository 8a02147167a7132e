"""How many texts a request sends to PostgreSQL: each is a round trip."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.events import subscriber
from webtest import TestApp

from cliquet_like.events import ResourceChanged
from cliquet_like.testing.app import make_client

pytestmark = pytest.mark.once

NOTES = "/v1/notes"
BOOKMARKS = "/v1/bookmarks"  # their url is unique
UUID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


@subscriber(ResourceChanged)
def see(event: ResourceChanged) -> None:
    """Let each change pass; only an application that scans this module has it."""


@pytest.fixture
def app(postgresql_url: str) -> Iterator[TestApp]:
    yield from started(postgresql_url)


def started(url: str, *scanned: str) -> Iterator[TestApp]:
    client = make_client(
        "tests.resources", *scanned, storage_backend="cliquet_like.storage.postgresql", storage_url=url
    )
    storage = client.app.registry.storage
    storage.initialize_schema()
    yield client
    storage.database.close()


@pytest.fixture
def sent(app: TestApp) -> list[str]:
    """What was sent to the server, from now on."""
    texts: list[str] = []
    app.app.registry.storage.database.on_statement = texts.append
    return texts


def note(app: TestApp, sent: list[str]) -> tuple[str, str]:
    """Path and ETag of a new note; what it took is not counted."""
    response = app.post_json(NOTES, {"data": {"text": "a"}})
    sent.clear()
    return f"{NOTES}/{response.json['data']['id']}", response.headers["ETag"]


def statements(sent: list[str]) -> int:
    """Texts that hold more than the end of a transaction or of a part of it; BEGIN travels with others."""
    return sum(not text.startswith(("COMMIT", "ROLLBACK")) for text in sent)


def transactions(sent: list[str]) -> int:
    return sum(text.startswith("BEGIN; ") for text in sent)


def post(path: str, **fields: Any) -> dict[str, Any]:
    return {"method": "POST", "path": path, "body": {"data": fields}}


def test_hello_asks_nothing(app: TestApp, sent: list[str]) -> None:
    app.get("/v1/")

    assert sent == []


def test_a_record_is_one_statement(app: TestApp, sent: list[str]) -> None:
    path, _ = note(app, sent)

    app.get(path)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


def test_a_record_that_did_not_change_is_one_statement(app: TestApp, sent: list[str]) -> None:
    path, tag = note(app, sent)

    app.get(path, headers={"If-None-Match": tag}, status=304)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


@pytest.mark.parametrize("query", ["", "?_limit=1", "?text=a&_sort=text", "?_since=1", "?id=a"])
def test_a_collection_is_one_statement(app: TestApp, sent: list[str], query: str) -> None:
    note(app, sent)

    app.get(NOTES + query)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


def test_a_collection_that_did_not_change_is_one_statement(app: TestApp, sent: list[str]) -> None:
    note(app, sent)
    tag = app.get(NOTES).headers["ETag"]
    sent.clear()

    app.get(NOTES, headers={"If-None-Match": tag}, status=304)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


def test_a_post_is_one_statement_without_a_transaction(app: TestApp, sent: list[str]) -> None:
    app.post_json(NOTES, {"data": {"text": "b"}}, status=201)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


def test_a_post_with_a_unique_field_is_two_statements_in_a_transaction(app: TestApp, sent: list[str]) -> None:
    app.post_json(BOOKMARKS, {"data": {"url": "http://example.org"}}, status=201)

    assert (statements(sent), transactions(sent), sent[-1]) == (2, 1, "COMMIT")


@pytest.mark.parametrize(
    ("method", "conditional", "expected"),
    [("put_json", False, 1), ("put_json", True, 2), ("patch_json", False, 2), ("patch_json", True, 2)],
)
def test_a_change_reads_first_only_where_something_depends_on_it(
    app: TestApp, sent: list[str], method: str, conditional: bool, expected: int
) -> None:
    path, tag = note(app, sent)
    headers = {"If-Match": tag} if conditional else {}

    getattr(app, method)(path, {"data": {"text": "c"}}, headers=headers, status=200)

    assert (statements(sent), transactions(sent), len(sent)) == (expected, 0, expected)


def test_a_put_of_a_new_record_is_one_statement(app: TestApp, sent: list[str]) -> None:
    app.put_json(f"{NOTES}/{UUID}", {"data": {"text": "c"}}, status=201)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


@pytest.mark.parametrize(("conditional", "expected"), [(False, 1), (True, 2)])
def test_a_deletion_is_one_statement_and_two_with_a_condition(
    app: TestApp, sent: list[str], conditional: bool, expected: int
) -> None:
    path, tag = note(app, sent)
    headers = {"If-Match": tag} if conditional else {}

    app.delete(path, headers=headers)

    assert (statements(sent), transactions(sent), len(sent)) == (expected, 0, expected)


def test_a_deletion_of_many_is_one_statement(app: TestApp, sent: list[str]) -> None:
    note(app, sent)

    app.delete(NOTES)

    assert (statements(sent), transactions(sent), len(sent)) == (1, 0, 1)


class TestWhereASubscriberMayRefuse:
    """What a subscriber before the commit may undo is in one transaction with it."""

    @pytest.fixture
    def app(self, postgresql_url: str) -> Iterator[TestApp]:
        yield from started(postgresql_url, __name__)

    @pytest.mark.parametrize("conditional", [False, True])
    @pytest.mark.parametrize(
        ("method", "body", "expected"),
        [("PUT", {"text": "c"}, (1, 2)), ("PATCH", {"text": "c"}, (2, 2)), ("DELETE", None, (1, 2))],
    )
    def test_a_change_is_in_a_transaction(
        self,
        app: TestApp,
        sent: list[str],
        method: str,
        body: dict[str, str] | None,
        expected: tuple[int, int],
        conditional: bool,
    ) -> None:
        path, tag = note(app, sent)
        headers = {"If-Match": tag} if conditional else {}
        content = b"" if body is None else json.dumps({"data": body}).encode()

        app.request(path, method=method, body=content, content_type="application/json", headers=headers)

        assert (statements(sent), transactions(sent), sent[-1]) == (expected[conditional], 1, "COMMIT")

    def test_a_new_record_is_one_statement_in_a_transaction(self, app: TestApp, sent: list[str]) -> None:
        app.put_json(f"{NOTES}/{UUID}", {"data": {"text": "c"}}, status=201)
        by_put = (statements(sent), transactions(sent), sent[-1])
        sent.clear()
        app.post_json(NOTES, {"data": {"text": "b"}}, status=201)

        assert by_put == (statements(sent), transactions(sent), sent[-1]) == (1, 1, "COMMIT")


def test_a_batch_of_posts_is_two_statements_in_one_transaction(app: TestApp, sent: list[str]) -> None:
    requests = [post(NOTES, text=str(number)) for number in range(25)]

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert {answer["status"] for answer in answers} == {201}
    assert (statements(sent), transactions(sent), len(sent)) == (2, 1, 3)
    assert sent[-1] == "COMMIT"


def test_a_batch_that_only_reads_is_in_no_transaction(app: TestApp, sent: list[str]) -> None:
    path, _ = note(app, sent)

    app.post_json("/v1/batch", {"defaults": {"method": "GET"}, "requests": [{"path": path}] * 3})

    assert (statements(sent), transactions(sent), len(sent)) == (3, 0, 3)

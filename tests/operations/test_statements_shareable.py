"""How many texts a request about shared records sends to PostgreSQL, which has their permissions too."""

from collections.abc import Iterator
from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.sharing import TOADSTOOLS, allow, created, emptied, sharing_app, user_id

pytestmark = pytest.mark.once

ADA, BOB = user_id("ada"), user_id("bob")
MISSING = f"{TOADSTOOLS}/00000000-0000-4000-8000-000000000001"
DATA = {"data": {"name": "a"}}
GIVING = {**DATA, "permissions": {"read": ["carl"]}}
PAGES = "/v1/pages"  # without unique fields


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestApp]:
    with sharing_app("postgresql", tmp_path_factory.mktemp("none")) as app:
        yield app


@pytest.fixture
def app(service: TestApp) -> Iterator[TestApp]:
    with emptied(service) as app:
        yield app


@pytest.fixture
def sent(app: TestApp) -> Iterator[list[str]]:
    """What was sent to the server, from now on."""
    texts: list[str] = []
    database = app.app.registry.storage.database
    assert app.app.registry.permission.database is database
    database.on_statement = texts.append
    yield texts
    database.on_statement = None


def page(app: TestApp, sent: list[str], **permissions: list[str]) -> str:
    """Path of a new page; what it took is not counted."""
    path = created(app, PAGES, **permissions)
    sent.clear()
    return path


def counted(sent: list[str]) -> tuple[int, int]:
    """Texts that hold more than the end of a transaction or of a part of it, and transactions."""
    statements = sum(not text.startswith(("COMMIT", "ROLLBACK")) for text in sent)
    return statements, sum(text.startswith("BEGIN; ") for text in sent)


def test_a_record_is_two_statements(app: TestApp, sent: list[str]) -> None:
    path = page(app, sent)

    app.get(path)

    assert counted(sent) == (2, 0)


def test_a_record_that_did_not_change_is_two_statements(app: TestApp, sent: list[str]) -> None:
    path = page(app, sent)
    tag = app.get(path).headers["ETag"]
    sent.clear()

    app.get(path, headers={"If-None-Match": tag}, status=304)

    assert counted(sent) == (2, 0)


def test_a_record_that_one_may_not_read_is_one_statement(app: TestApp, sent: list[str]) -> None:
    path = page(app, sent)

    sign_in(app, "bob").get(path, status=403)

    assert counted(sent) == (1, 0)


@pytest.mark.parametrize("query", ["", "?_limit=1", "?name=amanita", "?_sort=name", "?_since=1&name=amanita"])
@pytest.mark.parametrize("reads_all", [True, False])
def test_a_list_is_two_statements(app: TestApp, sent: list[str], reads_all: bool, query: str) -> None:
    allow(app, "/pages", "read", *([BOB] if reads_all else []))
    page(app, sent, read=[BOB])

    response = sign_in(app, "bob").get(PAGES + query)

    assert len(response.json["data"]) == 1
    assert counted(sent) == (2, 0)


@pytest.mark.parametrize("reads_all", [True, False])
def test_the_next_page_of_a_list_is_two_statements(app: TestApp, sent: list[str], reads_all: bool) -> None:
    allow(app, "/pages", "read", *([BOB] if reads_all else []))
    for _ in range(2):
        page(app, sent, read=[BOB])
    bob = sign_in(app, "bob")
    next_page = bob.get(f"{PAGES}?_limit=1").headers["Next-Page"]
    sent.clear()

    bob.get(next_page)

    assert counted(sent) == (2, 0)


@pytest.mark.parametrize("reads_all", [True, False])
def test_a_list_on_a_condition_is_three_statements(app: TestApp, sent: list[str], reads_all: bool) -> None:
    """One more than without permissions, as ever: the timestamp is looked at before the list is read."""
    allow(app, "/pages", "read", *([BOB] if reads_all else []))
    page(app, sent, read=[BOB])
    bob = sign_in(app, "bob")
    tag = bob.get(PAGES).headers["ETag"]
    sent.clear()

    bob.get(PAGES, headers={"If-Match": tag})

    assert counted(sent) == (3, 0)


@pytest.mark.parametrize("body", [DATA, GIVING])
@pytest.mark.parametrize("by_setting", [True, False])
def test_a_post_is_three_statements(
    app: TestApp, sent: list[str], body: dict[str, Any], by_setting: bool
) -> None:
    if not by_setting:
        app.app.registry.settings["page_create_principals"] = ""
        allow(app, "/pages", "page:create", ADA)
    sent.clear()

    app.post_json(PAGES, body, status=201)

    # A setting decides without a question.
    assert counted(sent) == (2 if by_setting else 3, 1)
    assert sent[-1] == "COMMIT"


@pytest.mark.parametrize(("reads_all", "expected"), [(True, 4), (False, 5)])
def test_a_post_on_a_condition_asks_what_one_may_read_of_the_list(
    app: TestApp, sent: list[str], reads_all: bool, expected: int
) -> None:
    app.app.registry.settings["page_create_principals"] = ""
    allow(app, "/pages", "page:create", BOB)
    allow(app, "/pages", "read", *([BOB] if reads_all else []))
    page_of_bob = f"{PAGES}/{MISSING[-36:]}"
    bob = sign_in(app, "bob")
    bob.put_json(page_of_bob, DATA, status=201)
    tag = bob.get(PAGES).headers["ETag"]
    sent.clear()

    bob.post_json(PAGES, DATA, headers={"If-Match": tag}, status=201)

    assert counted(sent) == (expected, 1)


@pytest.mark.parametrize("body", [DATA, GIVING])
def test_a_put_of_a_new_record_is_four_statements(
    app: TestApp, sent: list[str], body: dict[str, Any]
) -> None:
    app.app.registry.settings["page_create_principals"] = ""
    allow(app, "/pages", "page:create", ADA)
    sent.clear()

    app.put_json(MISSING.replace("toadstool", "page"), body, status=201)

    assert counted(sent) == (4, 1)


@pytest.mark.parametrize("body", [DATA, GIVING])
@pytest.mark.parametrize("method", ["put_json", "patch_json"])
def test_a_change_is_four_statements(
    app: TestApp, sent: list[str], method: str, body: dict[str, Any]
) -> None:
    path = page(app, sent)

    getattr(app, method)(path, body, status=200)

    assert counted(sent) == (4, 1)
    assert sent[-1] == "COMMIT"


def test_a_deletion_is_three_statements(app: TestApp, sent: list[str]) -> None:
    path = page(app, sent)

    app.delete(path)

    assert counted(sent) == (3, 1)


@pytest.mark.parametrize("query", ["", "?_limit=3", "?name=amanita&_sort=name"])
@pytest.mark.parametrize("writes_all", [True, False])
def test_a_deletion_of_a_list_is_three_statements(
    app: TestApp, sent: list[str], writes_all: bool, query: str
) -> None:
    allow(app, "/pages", "write", *([BOB] if writes_all else []))
    for _ in range(3):
        page(app, sent, write=[BOB])

    deleted = sign_in(app, "bob").delete(PAGES + query).json["data"]

    assert len(deleted) == 3
    assert counted(sent) == (3, 1)
    assert sent[-1] == "COMMIT"


@pytest.mark.parametrize(("reads_all", "expected"), [(True, 4), (False, 5)])
@pytest.mark.parametrize("writes_all", [True, False])
def test_a_deletion_of_a_list_on_a_condition_asks_what_one_may_read_of_it(
    app: TestApp, sent: list[str], writes_all: bool, reads_all: bool, expected: int
) -> None:
    """Besides the timestamp, which is looked at before the deletion as without permissions."""
    allow(app, "/pages", "write", *([BOB] if writes_all else []))
    allow(app, "/pages", "read", *([BOB] if reads_all else []))
    page(app, sent, write=[BOB])
    bob = sign_in(app, "bob")
    tag = bob.get(PAGES).headers["ETag"]
    sent.clear()

    bob.delete(PAGES, headers={"If-Match": tag})

    # Who may write the whole list may read it.
    assert counted(sent) == (4 if writes_all else expected, 1)


def test_a_deletion_of_a_list_unless_it_has_a_tag_asks_again_what_is_shared(
    app: TestApp, sent: list[str]
) -> None:
    """What begins to be shared changes the tag: a deletion that the change lets through is of it, too."""
    page(app, sent, write=[BOB])

    sign_in(app, "bob").delete(PAGES, headers={"If-None-Match": '"1"'})

    assert counted(sent) == (8, 1)


@pytest.mark.parametrize("deciding", ["bob", "group:editors"])
@pytest.mark.parametrize("place", [PAGES, "record"])
def test_a_setting_that_may_name_a_group_is_one_question(
    app: TestApp, sent: list[str], deciding: str, place: str
) -> None:
    app.app.registry.permission.add_user_principal(ADA, "group:editors")
    path = page(app, sent)
    app.app.registry.settings["page_read_principals"] = deciding
    is_allowed = place == PAGES or deciding == "group:editors"

    app.get(path if place == "record" else PAGES, status=200 if is_allowed else 403)

    assert counted(sent) == (2 if is_allowed else 1, 0)


@pytest.mark.parametrize("groups", [0, 3])
def test_groups_are_no_statement_of_their_own(app: TestApp, sent: list[str], groups: int) -> None:
    for number in range(groups):
        app.app.registry.permission.add_user_principal(BOB, f"group:{number}")
    path = page(app, sent, read=["group:0", BOB])

    sign_in(app, "bob").get(path)

    assert counted(sent) == (2, 0)


def test_permissions_are_no_concern_of_other_resources(app: TestApp, sent: list[str]) -> None:
    record = app.post_json("/v1/notes", {"data": {}}).json["data"]
    app.get(f"/v1/notes/{record['id']}")
    app.get("/v1/notes")
    app.patch_json(f"/v1/notes/{record['id']}", DATA)
    app.delete(f"/v1/notes/{record['id']}")

    assert counted(sent)[0] == 1 + 1 + 1 + 2 + 1
    assert not [text for text in sent if "access_control" in text or "user_principals" in text]


@pytest.mark.parametrize(("by_setting", "expected"), [(True, 50), (False, 75)])
def test_a_batch_of_posts_is_one_transaction(
    app: TestApp, sent: list[str], by_setting: bool, expected: int
) -> None:
    if not by_setting:
        app.app.registry.settings["page_create_principals"] = ""
        allow(app, "/pages", "page:create", ADA)
    sent.clear()
    requests = [{"method": "POST", "path": PAGES, "body": GIVING}] * 25

    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert {answer["status"] for answer in answers} == {201}
    assert counted(sent) == (expected, 1)

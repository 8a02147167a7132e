"""Somebody ceases to share records while another deletes the list of those that are shared with him."""

from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from tests.contracts import backends
from tests.sharing import allow, created, names, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
CONTESTED = "/v1/contesteds"
WRITERS = {"write": [BOB]}
ATTEMPTS = 2
MANY = 6


@pytest.fixture(scope="module")
def service_settings() -> dict[str, str]:
    return {"retry.attempts": str(ATTEMPTS)}


@pytest.fixture
def paths(app: TestApp) -> list[str]:
    """Of records named 0, 1 and so on, which Bob may write; Ada has another one for herself."""
    created(app, CONTESTED, name="own")
    return [created(app, CONTESTED, name=str(number), **WRITERS) for number in range(MANY)]


@pytest.fixture
def transactional(app: TestApp) -> None:
    """Only where a refused request leaves nothing."""
    if app.app.registry.settings["storage_backend"].rpartition(".")[2] not in backends.TRANSACTIONAL:
        pytest.skip("this backend has no transactions")


def before_each_deletion(app: TestApp, *acts: Callable[[], Any]) -> list[Callable[[], Any]]:
    """Have somebody else act before each attempt to delete; those acts that are still to come."""
    coming = list(acts)

    def act() -> None:
        coming.pop(0)()
        if coming:
            app.app.registry.storage.meanwhile = act

    app.app.registry.storage.meanwhile = act
    return coming


def revoking(app: TestApp, path: str, principal: str = BOB) -> Callable[[], Any]:
    """Take Bob's permission where the storage does not hear of it."""
    return lambda: app.app.registry.permission.remove_principal_from_ace(path[3:], "write", principal)


def unsharing(app: TestApp, path: str) -> Callable[[], Any]:
    """Take Bob's permission as clients do."""
    return lambda: app.patch_json(path, {"permissions": {"write": []}})


def left(app: TestApp) -> str:
    """Names of the records that are left, without Ada's own."""
    return "".join(sorted(name for name in names(app, CONTESTED) if name != "own"))


@pytest.mark.parametrize("taking", [revoking, unsharing])
@pytest.mark.parametrize("query", ["", "?_sort=name&_limit=3"])
def test_what_is_not_shared_any_more_is_not_deleted(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None, taking: Any, query: str
) -> None:
    coming = before_each_deletion(app, taking(app, paths[0]))

    deleted = bob.delete(CONTESTED + query).json["data"]

    wanted = paths[1:4] if query else paths[1:]
    assert coming == []
    assert {tombstone["id"] for tombstone in deleted} == {path.rpartition("/")[2] for path in wanted}
    assert left(app) == ("045" if query else "0")
    assert permissions_of(app, paths[0][3:]) == {"write": {ADA}}
    assert [permissions_of(app, path[3:]) for path in wanted] == [{}] * len(wanted)


@pytest.mark.parametrize("taking", [revoking, unsharing])
def test_who_has_nothing_left_is_refused(
    app: TestApp, bob: TestApp, transactional: None, taking: Any
) -> None:
    path = created(app, CONTESTED, name="0", **WRITERS)
    before_each_deletion(app, taking(app, path))

    bob.delete(CONTESTED, status=403)

    assert left(app) == "0"
    assert permissions_of(app, path[3:]) == {"write": {ADA}}


def test_clients_may_take_away_in_every_attempt_of_a_request(
    app: TestApp, bob: TestApp, paths: list[str]
) -> None:
    """After the first one, the deletion is held to the timestamp of the collection."""
    coming = before_each_deletion(app, *(unsharing(app, path) for path in paths[:ATTEMPTS]))

    deleted = bob.delete(CONTESTED).json["data"]

    assert coming == []
    assert len(deleted) == MANY - ATTEMPTS
    assert left(app) == "01"


def test_whose_every_attempt_is_overtaken_is_asked_to_come_again_and_has_deleted_nothing(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None
) -> None:
    coming = before_each_deletion(app, *(revoking(app, path) for path in paths))

    refused = bob.delete(CONTESTED, status=503)

    app.app.registry.storage.meanwhile = None
    assert len(coming) == MANY - ATTEMPTS
    assert (refused.json["errno"], refused.headers["Retry-After"]) == (201, "30")
    assert left(app) == "012345"
    kept = [permissions_of(app, path[3:])["write"] for path in paths]
    assert kept == [{ADA}] * ATTEMPTS + [{ADA, BOB}] * (MANY - ATTEMPTS)
    assert len(bob.delete(CONTESTED).json["data"]) == MANY - ATTEMPTS


def test_the_rest_of_a_batch_is_done_once(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None
) -> None:
    before_each_deletion(app, revoking(app, paths[0]))
    post = {"method": "POST", "path": "/v1/pages", "body": {"data": {"name": "new"}}}
    requests = [{"method": "DELETE", "path": CONTESTED}, post, {"path": "/v1/pages"}]

    answers = bob.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert [answer["status"] for answer in answers] == [200, 201, 200]
    assert (len(answers[0]["body"]["data"]), len(answers[2]["body"]["data"])) == (MANY - 1, 1)
    assert left(app) == "0"


@pytest.mark.parametrize(("number", "status"), [(MANY - 1, 412), (0, 200)])
def test_a_condition_is_judged_again_by_the_list_that_is_left(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None, number: int, status: int
) -> None:
    """Its tag is that of its newest record."""
    tag = bob.get(CONTESTED).headers["ETag"]
    before_each_deletion(app, revoking(app, paths[number]))

    answer = bob.delete(CONTESTED, headers={"If-Match": tag}, status=status)

    assert left(app) == ("012345" if status == 412 else "0")
    if status == 412:
        assert answer.headers["ETag"] == bob.get(CONTESTED).headers["ETag"] != tag


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_condition_holds_at_the_moment_of_the_deletion(
    app: TestApp, bob: TestApp, paths: list[str], header: str
) -> None:
    before, later = bob.get(CONTESTED).headers["ETag"], []

    def change() -> None:
        later.append(app.patch_json(paths[0], {"data": {"season": "fall"}}).headers["ETag"])

    before_each_deletion(app, change)
    sent = before if header == "If-Match" else '"1"'
    answer = bob.delete(CONTESTED, headers={header: sent}, status=412 if header == "If-Match" else 200)

    if header == "If-Match":
        assert answer.headers["ETag"] == later[0]
    assert left(app) == ("012345" if header == "If-Match" else "")


def test_a_record_that_comes_back_to_somebody_else_stays(
    app: TestApp, bob: TestApp, paths: list[str]
) -> None:
    def replace() -> None:
        app.delete(paths[0])
        app.put_json(paths[0], {"data": {"name": "again"}}, status=201)

    before_each_deletion(app, replace)

    deleted = bob.delete(CONTESTED).json["data"]

    assert len(deleted) == MANY - 1
    assert left(app) == "again"
    assert permissions_of(app, paths[0][3:]) == {"write": {ADA}}


def test_a_record_that_is_gone_already_is_nothing_to_stop_for(
    app: TestApp, bob: TestApp, paths: list[str]
) -> None:
    before_each_deletion(app, lambda: app.delete(paths[0]))

    deleted = bob.delete(CONTESTED).json["data"]

    assert len(deleted) == MANY - 1
    assert left(app) == ""


@pytest.mark.parametrize("others", ["the user", "a group"])
def test_one_way_to_share_a_record_is_enough(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None, others: str
) -> None:
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    allow(app, paths[0][3:], "write", "group:cooks")
    taken = BOB if others == "a group" else "group:cooks"
    before_each_deletion(app, revoking(app, paths[0], taken))

    deleted = bob.delete(CONTESTED).json["data"]

    assert len(deleted) == MANY
    assert left(app) == ""


def test_what_a_group_shares_no_more_is_not_deleted(app: TestApp, bob: TestApp, transactional: None) -> None:
    app.app.registry.permission.add_user_principal(BOB, "group:cooks")
    path, _ = (created(app, CONTESTED, name=name, write=["group:cooks"]) for name in "01")
    before_each_deletion(app, revoking(app, path, "group:cooks"))

    deleted = bob.delete(CONTESTED).json["data"]

    assert len(deleted) == 1
    assert left(app) == "0"


def test_whom_a_setting_refuses_deletes_what_is_still_shared(
    app: TestApp, bob: TestApp, paths: list[str], transactional: None
) -> None:
    app.app.registry.settings["contested_write_principals"] = ADA
    before_each_deletion(app, revoking(app, paths[0]))

    deleted = bob.delete(CONTESTED).json["data"]

    assert len(deleted) == MANY - 1
    assert left(app) == "0"

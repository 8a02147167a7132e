"""Conditions on a list compare with the timestamp of what one may read of it."""

from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import sign_in
from tests.sharing import TOADSTOOLS, allow, created, names, user_id

ADA, BOB = user_id("ada"), user_id("bob")
UUID = "00000000-0000-4000-8000-000000000001"
DATA = {"data": {"name": "new"}, "permissions": {"read": [ADA]}}


@pytest.fixture
def paths(app: TestApp) -> dict[str, str]:
    """Paths by name of Ada's toadstools: Bob may read r and write w; hidden, the newest, is Ada's alone."""
    permissions: dict[str, Any] = {"w": {"write": [BOB]}, "r": {"read": [BOB]}}
    return {name: created(app, name=name, **permissions.get(name, {})) for name in ("w", "r", "hidden")}


def tag(client: TestApp, path: str = TOADSTOOLS) -> str:
    etag: str = client.get(path).headers["ETag"]
    return etag


@pytest.fixture(params=["an entry", "a setting"])
def reads_all(request: pytest.FixtureRequest, app: TestApp, paths: dict[str, str]) -> str:
    """How Bob may read the whole collection."""
    if request.param == "an entry":
        allow(app, "/toadstools", "read", BOB)
    else:
        app.app.registry.settings["toadstool_read_principals"] = f"{ADA} {BOB}"
    way: str = request.param
    return way


def test_who_reads_all_deletes_what_he_may_write_on_the_tag_of_his_list(
    app: TestApp, bob: TestApp, paths: dict[str, str], reads_all: str
) -> None:
    listed = bob.get(TOADSTOOLS)

    deleted = bob.delete(TOADSTOOLS, headers={"If-Match": listed.headers["ETag"]}).json["data"]

    assert listed.headers["ETag"] == tag(app, paths["hidden"])
    assert [tombstone["id"] for tombstone in deleted] == [paths["w"].rpartition("/")[2]]
    assert names(app) == ["hidden", "r"]


def test_who_reads_all_deletes_nothing_when_anything_changed(
    app: TestApp, bob: TestApp, paths: dict[str, str], reads_all: str
) -> None:
    seen = tag(bob)
    now = app.patch_json(paths["hidden"], {"data": {"season": "fall"}}).headers["ETag"]

    refused = bob.delete(TOADSTOOLS, headers={"If-Match": seen}, status=412)
    bob.delete(TOADSTOOLS, headers={"If-None-Match": now}, status=412)

    assert refused.headers["ETag"] == now
    assert len(names(app)) == 3


def test_who_reads_some_is_not_stopped_by_a_change_of_others(
    app: TestApp, bob: TestApp, paths: dict[str, str]
) -> None:
    seen = tag(bob)
    app.patch_json(paths["hidden"], {"data": {"season": "fall"}})

    assert len(bob.delete(TOADSTOOLS, headers={"If-Match": seen}).json["data"]) == 1
    assert names(app) == ["hidden", "r"]


@pytest.mark.parametrize(
    ("header", "which", "status"),
    [
        ("If-Match", "list", 201),
        ("If-Match", "hidden", 412),
        ("If-Match", "w", 412),
        ("If-None-Match", "list", 412),
        ("If-None-Match", "hidden", 201),
        ("If-None-Match", "w", 201),
    ],
)
def test_a_creation_compares_with_the_list_that_one_may_read(
    app: TestApp, bob: TestApp, paths: dict[str, str], header: str, which: str, status: int
) -> None:
    wanted = tag(bob) if which == "list" else tag(app, paths[which])

    answer = bob.post_json(TOADSTOOLS, DATA, headers={header: wanted}, status=status)

    assert names(app) == ["new", "hidden", "r", "w"][status != 201 :]
    if status == 412:
        assert answer.headers["ETag"] == tag(bob) == tag(bob, paths["r"])


@pytest.mark.parametrize(("header", "status"), [("If-Match", 412), ("If-None-Match", 201)])
def test_a_creation_by_who_reads_nothing_tells_no_timestamp(
    app: TestApp, paths: dict[str, str], header: str, status: int
) -> None:
    hidden = tag(app, paths["hidden"])

    answer = sign_in(app, "eve").post_json(TOADSTOOLS, DATA, headers={header: hidden}, status=status)

    assert answer.headers.get("ETag") != hidden
    assert ("ETag" in answer.headers) is (status == 201)


def test_a_creation_by_who_reads_all_compares_with_all(
    app: TestApp, bob: TestApp, paths: dict[str, str], reads_all: str
) -> None:
    seen = tag(app, paths["hidden"])

    bob.post_json(TOADSTOOLS, DATA, headers={"If-Match": tag(app, paths["r"])}, status=412)
    bob.post_json(TOADSTOOLS, DATA, headers={"If-Match": seen}, status=201)

    assert len(names(app)) == 4


def test_a_setting_for_reading_shuts_out_the_owner_of_a_record(app: TestApp, bob: TestApp) -> None:
    app.put_json(f"{TOADSTOOLS}/{UUID}", {"data": {"name": "mine", "code": "x"}}, status=201)
    app.app.registry.settings["toadstool_read_principals"] = BOB
    sent = {"data": {"id": UUID, "name": "again"}}

    answer = app.post_json(TOADSTOOLS, sent, status=403)
    seen = bob.post_json(TOADSTOOLS, sent, status=200).json

    assert "mine" not in answer.text
    assert seen["data"]["name"] == "mine"


def test_a_conflict_with_a_record_that_a_setting_hides_does_not_show_it(app: TestApp, bob: TestApp) -> None:
    app.put_json(f"{TOADSTOOLS}/{UUID}", {"data": {"name": "mine", "code": "x"}}, status=201)
    other = created(app, name="other")
    app.app.registry.settings["toadstool_read_principals"] = BOB

    answer = app.patch_json(other, {"data": {"code": "x"}}, status=409)

    assert (answer.json["details"], UUID in answer.text) == ({"field": "code"}, False)

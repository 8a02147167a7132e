"""Deletions of shared records where records and permissions are not undone together."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from webtest import TestApp

from cliquet_like.testing.app import make_client, sign_in
from tests.sharing import EVERYBODY_CREATES, SCANNED, created, names, permissions_of, user_id

ADA, BOB = user_id("ada"), user_id("bob")
CONTESTED = "/v1/contesteds"
WAYS = {
    "no transaction": ("records.db", {"transaction_per_request": "false"}),
    "two databases": ("permissions.db", {}),
}


@pytest.fixture(params=WAYS)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestApp]:
    file, settings = WAYS[request.param]
    client = make_client(
        *SCANNED,
        storage_backend="cliquet_like.storage.sqlite",
        storage_url=f"sqlite:///{tmp_path}/records.db",
        permission_backend="cliquet_like.permission.sqlite",
        permission_url=f"sqlite:///{tmp_path}/{file}",
        **EVERYBODY_CREATES,
        **settings,
    )
    registry = client.app.registry
    with closing(registry.storage.database), closing(registry.permission.database):
        registry.storage.initialize_schema()
        registry.permission.initialize_schema()
        yield client


@pytest.mark.parametrize("others", [0, 1])
def test_what_a_client_takes_away_first_is_not_deleted(app: TestApp, others: int) -> None:
    taken, *_ = [created(app, CONTESTED, name=str(number), write=[BOB]) for number in range(1 + others)]
    change = {"permissions": {"write": []}}
    app.app.registry.storage.meanwhile = lambda: app.patch_json(taken, change)

    sign_in(app, "bob").delete(CONTESTED, status=200 if others else 403)

    assert names(app, CONTESTED) == ["0"]
    assert permissions_of(app, taken[3:]) == {"write": {ADA}}


def test_what_the_storage_does_not_hear_of_stops_no_deletion(app: TestApp) -> None:
    """Nothing could bring back the records, once their permissions tell of it."""
    created(app, CONTESTED, name="own")
    path = created(app, CONTESTED, write=[BOB])
    take = app.app.registry.permission.remove_principal_from_ace
    app.app.registry.storage.meanwhile = lambda: take(path[3:], "write", BOB)

    deleted = sign_in(app, "bob").delete(CONTESTED).json["data"]

    assert len(deleted) == 1
    assert (names(app, CONTESTED), permissions_of(app, path[3:])) == (["own"], {})

import pytest
from pyramid.request import Request

from cliquet_like.storage import heartbeat, memory


@pytest.fixture
def storage():
    return memory.Storage()


def request(**settings):
    made = Request.blank("/")
    made.registry = type("Registry", (), {"settings": settings})()
    return made


def kept(storage):
    return storage.get_all("__heartbeat__", "__heartbeat__", include_deleted=True)[0]


def test_it_creates_or_deletes_as_chance_falls_and_leaves_no_tombstones(storage):
    chances = iter([0.1, 0.97, 0.98])
    ping = heartbeat(storage, chance=lambda: next(chances))

    alive = [(ping(request()), len(kept(storage))) for _ in range(3)]

    assert alive == [(True, 1), (True, 2), (True, 0)]


@pytest.mark.parametrize("readonly", [True, "true", "yes", "1"])
def test_it_only_reads_when_writing_is_forbidden(storage, readonly):
    ping = heartbeat(storage, chance=lambda: 0.0)

    assert ping(request(readonly=readonly)) is True
    assert kept(storage) == []


@pytest.mark.parametrize("readonly", [False, "false", None])
def test_it_writes_when_read_only_is_off(storage, readonly):
    ping = heartbeat(storage, chance=lambda: 0.0)

    assert ping(request(readonly=readonly)) is True
    assert len(kept(storage)) == 1


def test_it_is_random_by_itself(storage):
    ping = heartbeat(storage)

    assert ping(request()) is True

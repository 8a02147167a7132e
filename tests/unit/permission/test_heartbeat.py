import pytest
from pyramid.request import Request

from cliquet_like.permission import heartbeat, memory


@pytest.fixture
def permission():
    return memory.Permission()


def request(**settings):
    made = Request.blank("/")
    made.registry = type("Registry", (), {"settings": settings})()
    return made


def groups(permission):
    return permission.user_principals("__heartbeat__")


def test_it_joins_or_leaves_a_group_as_chance_falls(permission):
    chances = iter([0.1, 0.9, 0.49, 0.5])
    ping = heartbeat(permission, chance=lambda: next(chances))

    alive = [(ping(request()), len(groups(permission))) for _ in range(4)]

    assert alive == [(True, 1), (True, 0), (True, 1), (True, 0)]


@pytest.mark.parametrize("readonly", [True, "true"])
def test_it_only_reads_when_writing_is_forbidden(permission, readonly):
    ping = heartbeat(permission, chance=lambda: 0.0)

    assert ping(request(readonly=readonly)) is True
    assert groups(permission) == set()


@pytest.mark.parametrize("readonly", [False, "false", None])
def test_it_writes_when_read_only_is_off(permission, readonly):
    ping = heartbeat(permission, chance=lambda: 0.0)

    assert ping(request(readonly=readonly)) is True
    assert len(groups(permission)) == 1


def test_it_works_without_a_request_and_is_random_by_itself(permission):
    assert heartbeat(permission)(None) is True


class Full(memory.Permission):
    """Takes nothing more; what it has it still gives up."""

    def _add_user_principal(self, user_id, principal):
        raise OSError("no space left")


@pytest.mark.parametrize("chance", [0.0, 0.9])
def test_a_server_that_writes_no_more_is_told(chance, caplog):
    ping = heartbeat(Full(), chance=lambda: chance)

    assert ping(request()) is False
    assert "no space left" in caplog.text

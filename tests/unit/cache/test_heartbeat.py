import pytest
from pyramid.request import Request

from cliquet_like.cache import heartbeat, memory


@pytest.fixture
def cache():
    return memory.Cache()


def request(**settings):
    made = Request.blank("/")
    made.registry = type("Registry", (), {"settings": settings})()
    return made


def test_it_sets_or_deletes_as_chance_falls(cache):
    chances = iter([0.1, 0.9])
    ping = heartbeat(cache, chance=lambda: next(chances))

    alive = [(ping(request()), len(cache.entries)) for _ in range(2)]

    assert alive == [(True, 1), (True, 0)]


def test_what_it_sets_expires(cache):
    heartbeat(cache, chance=lambda: 0.0)(request())

    assert cache.ttl("__heartbeat__") > 0


@pytest.mark.parametrize("readonly", [True, "true"])
def test_it_only_reads_when_writing_is_forbidden(cache, readonly):
    ping = heartbeat(cache, chance=lambda: 0.0)

    assert ping(request(readonly=readonly)) is True
    assert cache.entries == {}


def test_it_works_without_a_request_and_is_random_by_itself(cache):
    assert heartbeat(cache)(None) is True

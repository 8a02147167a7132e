"""A login that is kept once and taken once."""

import pytest

from cliquet_like.cache.memory import Cache
from cliquet_like.testing import FrozenClock
from cliquet_like_fxa.login_state import (
    KEY_PREFIX,
    Login,
    digest_of,
    is_state,
    keep_login,
    new_secret,
    take_login,
)

LOGIN = Login(redirect="https://app.example.com/", verifier="v", browser=digest_of("b"))


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def cache(clock):
    return Cache("shelf:", clock=clock)


def test_a_login_is_taken_as_it_was_kept_and_only_once(cache):
    state = new_secret()
    keep_login(cache, state, LOGIN, ttl_s=10)

    assert take_login(cache, state, "b") == LOGIN
    assert take_login(cache, state, "b") is None


def test_a_login_stays_for_its_browser_when_another_one_asks(cache):
    state = new_secret()
    keep_login(cache, state, LOGIN, ttl_s=10)

    assert [take_login(cache, state, secret) for secret in (None, "", "c")] == [None] * 3
    assert take_login(cache, state, "b") == LOGIN


class TwoAtOnce(Cache):
    """Cache in which somebody else is faster, between a look and the taking."""

    def get(self, key):
        found = super().get(key)
        self.delete(key)
        return found


def test_of_two_who_ask_at_once_one_gets_the_login(clock):
    cache, state = TwoAtOnce("shelf:", clock=clock), new_secret()
    keep_login(cache, state, LOGIN, ttl_s=10)

    assert take_login(cache, state, "b") is None


def test_a_login_is_gone_when_its_time_is_over(cache, clock):
    state = new_secret()
    keep_login(cache, state, LOGIN, ttl_s=0.5)

    clock.advance(500)

    assert take_login(cache, state, "b") is None


def test_nothing_else_of_the_cache_is_taken(cache):
    for key in ("a", "fxa-oauth:verified:a", "0" * 64):
        cache.set(key, {"redirect": "https://evil.com/"})

    assert [take_login(cache, state, "b") for state in ("a", "0" * 64, "../verified:a", "\0", "\ud800")] == [
        None
    ] * 5
    assert len(cache.entries) == 3


@pytest.mark.parametrize(
    "kept",
    [
        "https://app.example.com/",
        ["https://app.example.com/", None, None],
        {},
        {"redirect": "https://app.example.com/"},
        {"redirect": "https://app.example.com/", "verifier": None, "browser": None, "nonce": None},
        {"redirect": None, "verifier": None, "browser": None},
        {"redirect": "https://app.example.com/", "verifier": 7, "browser": None},
        {"redirect": "https://app.example.com/", "verifier": None, "browser": ["b"]},
    ],
    ids=range(8),
)
def test_what_was_kept_in_another_shape_is_no_login(cache, kept):
    cache.set(KEY_PREFIX + "0" * 64, kept)

    assert take_login(cache, "0" * 64, "b") is None


def test_a_secret_is_a_state_that_nobody_guesses():
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert all(is_state(secret) for secret in secrets)


@pytest.mark.parametrize("secret", [None, "", "B", "b ", "caf\xe9", "\ud800", digest_of("b")], ids=range(7))
def test_a_login_belongs_to_its_browser_only(secret):
    assert not LOGIN.belongs_to(secret)
    assert LOGIN.belongs_to("b")


@pytest.mark.parametrize("secret", [None, "anything"])
def test_a_login_of_no_browser_belongs_to_any(secret):
    assert Login(redirect="https://app.example.com/").belongs_to(secret)

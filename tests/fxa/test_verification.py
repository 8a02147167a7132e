"""How often the server is asked, and what is kept."""

import json
import logging

import pytest
from webtest import TestApp

from cliquet_like import DEFAULT_SETTINGS
from cliquet_like.cache.memory import Cache
from cliquet_like.testing import FrozenClock
from cliquet_like_fxa.authentication import TokenVerificationCache
from cliquet_like_fxa.oauth import PyFxAServer, Verified
from cliquet_like_fxa.settings import parse_settings
from cliquet_like_fxa.verification import COMPLAIN_EVERY_S, Verifier
from tests.fxa.signing import FailingCache, app_for, bearer, make_app, settings_for

KINDS = ("opaque", "jwt")
ONCE = [("GET", "/v1/jwks"), ("POST", "/v1/verify")]


class Request:
    """As much of one as the verifier looks at."""

    def __init__(self):
        self.bound_data = {}


@pytest.fixture
def app(app_with):
    return app_with()


def verifier_for(server, cache, clock=None, **others):
    settings = parse_settings(settings_for(server, **others))
    clock = clock or FrozenClock()
    return Verifier(settings, PyFxAServer(settings), cache, clock=lambda: clock() / 1000)


@pytest.mark.parametrize(("kind", "calls"), [("opaque", ONCE), ("jwt", ONCE[:1])])
def test_a_token_is_verified_once_while_it_is_in_the_cache(app, server, kind, calls):
    headers = bearer(server.issue_token(kind=kind))

    for _ in range(3):
        app.get("/v1/notes", headers=headers, status=200)

    assert server.calls == calls


def test_a_token_is_verified_again_when_its_time_in_the_cache_is_over(app, server):
    headers = bearer(server.issue_token())
    app.get("/v1/notes", headers=headers)
    cache = app.app.registry.cache
    (key,) = cache.entries
    assert 290 < cache.ttl(key) <= 300

    cache.expire(key, 0)
    app.get("/v1/notes", headers=headers)

    assert server.calls == ONCE * 2


def test_nothing_is_kept_for_no_time_at_all(app_with, server):
    app = app_with(cache_ttl_seconds="0")
    headers = bearer(server.issue_token())

    app.get("/v1/notes", headers=headers)
    app.get("/v1/notes", headers=headers)

    assert server.calls == ONCE * 2


def test_a_refused_token_is_asked_for_at_each_request(app, server):
    for _ in range(2):
        app.get("/v1/notes", headers=bearer("unknown"), status=401)

    assert server.calls == ONCE * 2
    assert app.app.registry.cache.entries == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_cache_has_a_digest_of_the_token_and_never_the_token(app, server, kind):
    token = server.issue_token(kind=kind)
    app.get("/v1/notes", headers=bearer(token))

    ((key, kept),) = app.app.registry.cache.entries.items()

    assert key.startswith("fxa-oauth:verified:1:")
    assert len(key) == len("fxa-oauth:verified:1:") + 64
    assert json.loads(kept.text) == {
        "user": server.user_id("alice"),
        "scope": ["profile"],
        "client_id": server.client_id,
    }
    assert all(part not in key + kept.text for part in token.split("."))


def test_a_signed_token_is_kept_no_longer_than_it_is_good(app, server):
    app.get("/v1/notes", headers=bearer(server.issue_token(kind="jwt", ttl_s=60)))
    cache = app.app.registry.cache

    (key,) = cache.entries

    assert 50 < cache.ttl(key) <= 60


def test_a_token_that_ended_while_it_was_verified_is_not_kept(server):
    cache, clock = Cache(), FrozenClock(now_ms=2**45)
    verifier = verifier_for(server, cache, clock)

    verified = verifier.verify_within(Request(), server.issue_token(kind="jwt"))

    assert verified.user == server.user_id("alice")
    assert cache.entries == {}


def test_what_was_verified_for_other_scopes_or_by_another_server_does_not_count(server):
    token = server.issue_token(scope="profile")
    keys = {
        verifier_for(server, None, **others).key_of(token)
        for others in (
            {},
            {"required_scope": "profile basket"},
            {"required_scope": "basket"},
            {"oauth_uri": "https://example.com/v1"},
        )
    }
    same = {verifier_for(server, None, required_scope=scopes).key_of(token) for scopes in ("a b", "b  a")}

    assert len(keys) == 4
    assert len(same) == 1


def test_a_changed_scope_is_asked_for_at_once(server):
    cache, token = Cache(), server.issue_token(scope="profile")
    before = verifier_for(server, cache)
    after = verifier_for(server, cache, required_scope="basket")

    assert before.verify_within(Request(), token) is not None
    assert after.verify_within(Request(), token) is None
    assert before.verify_within(Request(), token) == Verified(
        server.user_id("alice"), ("profile",), server.client_id
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("others", [{}, {"cache_backend": ""}], ids=["cached", "uncached"])
@pytest.mark.parametrize("steps", ["as they are", "without bound data"])
def test_a_batch_verifies_once(server, kind, others, steps):
    settings = settings_for(server, relier__enabled=False) | others
    if steps != "as they are":
        sequence = DEFAULT_SETTINGS["initialization_sequence"]
        settings["initialization_sequence"] = [step for step in sequence if "bound_data" not in step]
    app = make_app(settings)
    headers = bearer(server.issue_token(kind=kind))
    posts = [{"method": "POST", "path": "/notes", "body": {"data": {"n": n}}} for n in range(20)]
    own = {"method": "GET", "path": "/notes", "headers": headers}

    answers = app.post_json("/v1/batch", {"requests": [*posts, own]}, headers=headers).json["responses"]

    assert [answer["status"] for answer in answers] == [201] * 20 + [200]
    assert len(answers[-1]["body"]["data"]) == 20
    assert server.calls == (ONCE if kind == "opaque" else ONCE[:1])


def test_a_batch_with_a_refused_token_asks_once(app, server):
    headers = bearer("unknown")
    requests = [{"path": "/notes"}, {"path": "/notes", "headers": headers}] * 5

    answers = app.post_json("/v1/batch", {"requests": requests}, headers=headers).json["responses"]

    assert [answer["status"] for answer in answers] == [401] * 10
    assert server.calls == ONCE


def test_each_token_of_a_batch_has_its_own_user(app, server):
    tokens = [server.issue_token(name) for name in ("alice", "bob", "alice")]
    requests = [{"path": "/", "headers": bearer(token)} for token in tokens]

    answers = app.post_json("/v1/batch", {"requests": requests}, headers=bearer(tokens[0])).json["responses"]

    users = [answer["body"]["user"]["id"] for answer in answers]
    assert users == [f"fxa:{server.user_id(name)}" for name in ("alice", "bob", "alice")]
    assert server.calls == ONCE * 3


def test_a_batch_fails_with_a_server_that_fails_and_asks_it_once(app, server):
    server.fail_next("/v1/verify", 500)
    headers = bearer(server.issue_token())

    response = app.post_json("/v1/batch", {"requests": [{"path": "/notes"}] * 5}, headers=headers, status=503)

    assert response.headers["Retry-After"] == "30"
    assert server.calls == ONCE


def test_a_failure_is_not_tried_again_within_a_request(server):
    verifier, request = verifier_for(server, None), Request()
    server.fail_next("/v1/verify", 500)

    for _ in range(2):
        with pytest.raises(Exception, match=r"^verify$"):
            verifier.verify_within(request, "abc")

    assert server.calls == ONCE


def test_without_a_cache_each_request_verifies(server):
    app = make_app(settings_for(server) | {"cache_backend": ""})
    headers = bearer(server.issue_token())

    app.get("/v1/notes", headers=headers, status=200)
    app.get("/v1/notes", headers=headers, status=200)

    assert server.calls == ONCE * 2


def test_a_cache_that_is_down_does_not_keep_users_out(server):
    # Nobody listens on port 1.
    down = {"cache_backend": "cliquet_like.cache.redis", "cache_url": "redis://127.0.0.1:1"}
    app: TestApp = make_app(settings_for(server) | down)

    app.get("/v1/notes", headers=bearer(server.issue_token()), status=200)
    app.get("/v1/notes", headers=bearer("unknown"), status=401)


def test_a_cache_that_is_down_is_reported_once_in_a_while(server, caplog):
    cache, clock, token = FailingCache(), FrozenClock(), server.issue_token()
    verifier = verifier_for(server, cache, clock)
    cache.fails = True

    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            verifier.verify_within(Request(), token)
        before = len(caplog.records)
        clock.advance(COMPLAIN_EVERY_S * 1000)
        verifier.verify_within(Request(), token)

    assert (before, len(caplog.records)) == (1, 2)
    assert token not in caplog.text


def test_a_cache_that_is_back_is_used_again(server):
    cache, token = FailingCache(), server.issue_token()
    verifier = verifier_for(server, cache)
    cache.fails = True
    verifier.verify_within(Request(), token)
    cache.fails = False

    for _ in range(3):
        verifier.verify_within(Request(), token)

    assert server.calls == ONCE * 2


USUAL = {"user": "alice", "scope": ["profile"], "client_id": "x"}


@pytest.mark.parametrize(
    "kept",
    [
        "x",
        7,
        [],
        ["user", "scope", "client_id"],
        {},
        {"user": "a"},
        USUAL | {"user": 7},
        USUAL | {"user": "system.Everyone"},
        USUAL | {"scope": "profile"},
        USUAL | {"scope": [7]},
        USUAL | {"client_id": None},
    ],
    ids=range(11),
)
def test_a_kept_value_of_another_shape_counts_as_none_and_is_replaced(server, kept):
    cache, token = Cache(), server.issue_token()
    verifier = verifier_for(server, cache)
    cache.set(verifier.key_of(token), kept, ttl=100)

    found = [verifier.verify_within(Request(), token).user for _ in range(2)]

    assert found == [server.user_id("alice")] * 2
    assert server.calls == ONCE


def test_a_kept_text_that_is_no_json_counts_as_none(server):
    cache, token = Cache(), server.issue_token()
    verifier = verifier_for(server, cache)
    key = verifier.key_of(token)
    cache.set(key, "x")
    cache.entries[key] = cache.entries[key]._replace(text="{nonsense")

    found = verifier.verify_within(Request(), token)

    assert found.user == server.user_id("alice")


def test_two_applications_have_their_own_server_and_settings(server):
    one, two = app_for(server), app_for(server, required_scope="basket")
    headers = bearer(server.issue_token())

    one.get("/v1/notes", headers=headers, status=200)
    two.get("/v1/notes", headers=headers, status=401)


def test_values_of_the_published_cache_live_as_long_as_it_says():
    clock = FrozenClock()
    cache = TokenVerificationCache(Cache(clock=clock), 5)
    cache.set("a", {"user": "alice"})
    cache.set("b", 1, at_most_s=2)
    cache.set("c", 1, at_most_s=-1)
    cache.set("d", 1)
    cache.delete("d")

    clock.advance(4999)
    late = [cache.get(key) for key in "abcd"]
    clock.advance(1)

    assert late == [{"user": "alice"}, None, None, None]
    assert cache.get("a") is None

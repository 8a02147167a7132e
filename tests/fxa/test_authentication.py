"""Who a bearer token makes of a client."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyramid.httpexceptions import HTTPServiceUnavailable
from pyramid.testing import DummyRequest

from cliquet_like_fxa.authentication import FxAOAuthAuthenticationPolicy
from cliquet_like_fxa.oauth import is_token
from cliquet_like_fxa.testing import NONSENSE, Fault, OAuthServer
from tests.fxa.signing import bearer, make_app, settings_for

KINDS = ("opaque", "jwt")
UNAUTHORIZED = {
    "code": 401,
    "errno": 104,
    "error": "Unauthorized",
    "message": "Please authenticate yourself to use this endpoint.",
}


def encoded(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def raw(header, payload):
    return ".".join(map(encoded, (header, payload, b"signature")))


def unsigned(payload, header=None):
    return raw(json.dumps(header or {"alg": "RS256", "typ": "at+jwt"}).encode(), payload)


@pytest.fixture
def app(app_with):
    return app_with(timeout_seconds=1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_is_its_user(app, server, kind):
    token = server.issue_token("alice", kind=kind)

    response = app.get("/v1/", headers=bearer(token))

    assert response.json["user"] == {"id": f"fxa:{server.user_id('alice')}"}


def test_nobody_is_asked_for_a_token(app):
    response = app.get("/v1/notes", status=401)

    assert response.json == UNAUTHORIZED
    assert response.headers.getall("WWW-Authenticate") == ['Bearer realm="Realm"']


def test_the_realm_is_that_of_the_settings(server):
    app = make_app(settings_for(server) | {"multiauth.policy.fxa.realm": 'My "shelf"'})

    response = app.get("/v1/notes", status=401)

    assert response.headers["WWW-Authenticate"] == r'Bearer realm="My \"shelf\""'


def test_a_realm_cannot_end_the_header():
    policy = FxAOAuthAuthenticationPolicy(realm='a\r\nSet-Cookie: b\\"')

    assert policy.forget(None) == [("WWW-Authenticate", r'Bearer realm="a  Set-Cookie: b\\\""')]


def test_there_is_nothing_to_remember():
    assert FxAOAuthAuthenticationPolicy().remember(DummyRequest(), "alice") == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(app, server, scheme):
    token = server.issue_token()

    app.get("/v1/notes", headers={"Authorization": f"{scheme}   {token} "}, status=200)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer =",
        "Bearer a=b",
        "Bearer a\tb",
        "Bearer\ta",
        "Bearer \xe9\xe8",
        "Bearer \xff\xfe",
        'Bearer "abc"',
        "Bearer " + "a" * 8193,
        "Bearer " + "\x80" * 100_000,
        "Token abc",
        "Basic YWxpY2U6c2VjcmV0",
        "BearerX abc",
    ],
    ids=range(18),
)
def test_a_header_that_holds_no_token_is_nobody_and_no_question(app, server, header):
    response = app.get("/v1/notes", headers={"Authorization": header}, status=401)

    assert response.json == UNAUTHORIZED
    assert server.calls == []


@pytest.mark.parametrize(
    "token",
    [
        "a",
        "a" * 8192,
        "a.b.c",
        "..",
        "...",
        "a==",
        "-._~+/",
        unsigned(b"{}"),
        unsigned(b"\xff"),
        unsigned(b"[1]"),
        unsigned(b'{"sub": "alice", "scope": "profile", "client_id": "x"}'),
        unsigned(b'{"sub": "alice", "exp": "soon"}'),
        unsigned(b'{"exp": 1e999}'),
        unsigned(b'{"exp": 0}'),
        unsigned(b"{}", {"alg": "none"}),
        unsigned(b"{}", {"alg": "HS256"}),
        unsigned(b"{}", {"alg": ["RS256"]}),
        unsigned(b"{}", {"alg": "RS256", "kid": 7}),
        unsigned(b"{}", {"alg": "RS256", "crit": ["b64"]}),
        unsigned(b"{}", {"alg": "RS256", "b64": False}),
        unsigned(b"{}", {"typ": "at+jwt"}),
        unsigned(b"{}", [7]),
        raw(b"[" * 4000, b"{}"),
        raw(b'{"a":' * 1000, b"{}"),
        raw(b'{"alg":"RS256"}', b"[" * 4000),
    ],
    ids=range(25),
)
def test_a_token_that_nobody_issued_is_nobody(app, token):
    response = app.get("/v1/notes", headers=bearer(token), status=401)

    assert response.json == UNAUTHORIZED
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Realm"'


@given(st.binary(max_size=300))
def test_no_bytes_make_the_policy_raise(header):
    policy = FxAOAuthAuthenticationPolicy()
    # Where it is a token after all, the server would be asked.
    text = header.decode("latin-1")
    request = DummyRequest(headers={"Authorization": f"Bearer {text}"})

    if not is_token(text.strip(" ")):
        assert policy.unauthenticated_userid(request) is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_expired_token_is_nobody(app, server, kind):
    token = server.issue_token(kind=kind, ttl_s=-10)

    assert app.get("/v1/notes", headers=bearer(token), status=401).json == UNAUTHORIZED


def test_a_revoked_token_is_nobody(app, server):
    token = server.issue_token()
    server.revoke(token)

    assert app.get("/v1/notes", headers=bearer(token), status=401).json == UNAUTHORIZED


def test_a_token_of_another_server_is_nobody(app):
    with OAuthServer() as other:
        tokens = [other.issue_token(kind=kind) for kind in KINDS]

    for token in tokens:
        assert app.get("/v1/notes", headers=bearer(token), status=401).json == UNAUTHORIZED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("required", "granted", "status"),
    [
        ("profile", "profile", 200),
        ("profile", "profile basket", 200),
        ("profile", "basket", 401),
        ("profile", "profile:write", 200),
        ("profile:email", "profile", 200),
        ("profile", "profile:email", 401),
        ("profile:write", "profile", 401),
        ("profile basket", "profile", 401),
        ("profile basket", "basket profile", 200),
        ("https://example.com/a", "https://example.com/a", 200),
        ("https://example.com/a/b", "https://example.com/a", 200),
        ("https://example.com/ab", "https://example.com/a", 401),
        ("https://example.com/a", "profile", 401),
    ],
)
def test_scopes_are_compared_as_the_accounts_server_defines_them(
    app_with, server, kind, required, granted, status
):
    app = app_with(required_scope=required)
    token = server.issue_token(scope=granted, kind=kind)

    app.get("/v1/notes", headers=bearer(token), status=status)


@pytest.mark.parametrize(
    "fault",
    [Fault.closed(), Fault.slow(3), *map(Fault.status, (302, 404, 405, 429, 500, 502, 503)), *NONSENSE],
    ids=lambda fault: fault.name,
)
def test_a_server_that_is_of_no_use_asks_to_come_again_and_is_not_believed(app, server, fault):
    token = server.issue_token()
    server.fail_next("/v1/verify", fault)

    response = app.get("/v1/notes", headers=bearer(token), status=503)

    assert response.json["errno"] == 201
    assert response.headers["Retry-After"] == "30"
    assert list(app.app.registry.cache.entries) == []
    app.get("/v1/notes", headers=bearer(token), status=200)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_keys_that_cannot_be_had_are_the_fault_of_the_server(app, server, status):
    token = server.issue_token(kind="jwt")
    server.fail_next("/v1/jwks", status)

    app.get("/v1/notes", headers=bearer(token), status=503)
    app.get("/v1/notes", headers=bearer(token), status=200)


def test_a_server_that_asks_for_a_long_rest_is_asked_again_at_the_next_request(app, server):
    token = server.issue_token()
    for status in (429, 500, 503):
        server.fail_next("/v1/verify", Fault.status(status, retry_after=86400))

        app.get("/v1/notes", headers=bearer(token), status=503)

    app.get("/v1/notes", headers=bearer(token), status=200)


@pytest.mark.parametrize(
    "user",
    [
        "",
        "a\0b",
        "a:b",
        "a b",
        "system.Everyone",
        "a/b",
        "caf\xe9",
        "a" * 256,
        "a\n",
        7,
        None,
        ["a"],
        {"a": 1},
    ],
    ids=range(13),
)
def test_a_user_id_that_is_no_plain_text_is_nonsense_of_the_server(app, server, user):
    answer = {"user": user, "scope": ["profile"], "client_id": "x"}
    server.fail_next("/v1/verify", Fault.body(answer))

    app.get("/v1/notes", headers=bearer("abc"), status=503)


@pytest.mark.parametrize(
    "answer",
    [{"scope": [["profile"], "profile"]}, {"scope": {"profile": 1}}, {"scope": "profile"}, {"client_id": 7}],
    ids=str,
)
def test_wrong_types_are_nonsense_of_the_server(app, server, answer):
    usual = {"user": "alice", "scope": ["profile"], "client_id": "x"}
    server.fail_next("/v1/verify", Fault.body(usual | answer))

    app.get("/v1/notes", headers=bearer("abc"), status=503)


def test_basic_authentication_works_beside_it(server):
    app = make_app(settings_for(server) | {"multiauth.policies": "fxa basicauth"})
    basic = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}

    users = [
        app.get("/v1/", headers=headers).json["user"]["id"].partition(":")[0]
        for headers in (bearer(server.issue_token()), basic)
    ]
    asked = app.get("/v1/notes", status=401).headers.getall("WWW-Authenticate")

    assert users == ["fxa", "basicauth"]
    assert sorted(asked) == ['Basic realm="Realm"', 'Bearer realm="Realm"']


def test_records_of_two_users_are_apart(app, server):
    alice, bob = (bearer(server.issue_token(name)) for name in ("alice", "bob"))
    record = app.post_json("/v1/notes", {"data": {"text": "mine"}}, headers=alice, status=201).json["data"]

    app.get(f"/v1/notes/{record['id']}", headers=bob, status=404)
    app.put_json(f"/v1/notes/{record['id']}", {"data": {"text": "other"}}, headers=bob, status=201)

    assert app.get("/v1/notes", headers=alice).json["data"] == [record]
    assert [note["text"] for note in app.get("/v1/notes", headers=bob).json["data"]] == ["other"]


def test_the_policy_works_where_the_plugin_is_not_included(server):
    settings = settings_for(server)
    del settings["includes"]
    app = make_app(settings)

    app.get("/v1/notes", headers=bearer(server.issue_token()), status=200)
    app.get("/v1/notes", headers=bearer("unknown"), status=401)


def test_the_policy_by_itself_says_when_the_server_is_of_no_use(app, server):
    server.fail_next("/v1/verify", 500)
    request = DummyRequest(headers=bearer("abc"))
    request.registry = app.app.registry

    with pytest.raises(HTTPServiceUnavailable):
        FxAOAuthAuthenticationPolicy().unauthenticated_userid(request)

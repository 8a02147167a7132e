"""The whole way of a login: to the server, back, and on with a token."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from cliquet_like.testing.app import make_client
from cliquet_like_fxa.login_state import KEY_PREFIX
from cliquet_like_fxa.testing import NONSENSE, Fault
from tests.fxa.signing import APPS, another_browser, bearer, begin, make_app, settings_for, sign_in

NOT_FOUND = {
    "code": 408,
    "errno": 104,
    "error": "Request Timeout",
    "message": "The OAuth session was not found, please re-authenticate.",
}


@pytest.fixture
def app(app_with):
    return app_with(timeout_seconds=1)


def test_a_login_ends_with_a_token_that_opens_the_service(app, server):
    back = sign_in(server, begin(app), "Ada@example.com")

    response = app.get(back, status=302)

    token = response.location.removeprefix(APPS)
    assert app.get("/v1/", headers=bearer(token)).json["user"] == {
        "id": f"fxa:{server.user_id('ada@example.com')}"
    }


def test_a_login_may_end_with_a_signed_token(app, server):
    server.token_kind = "jwt"

    response = app.get(sign_in(server, begin(app)), status=302)

    token = response.location.removeprefix(APPS)
    assert token.count(".") == 2
    app.get("/v1/notes", headers=bearer(token), status=200)


@pytest.fixture
def public_app(app_with):
    """Application that has no secret, and therefore a challenge for each login."""
    return app_with(client_secret="")


def test_a_login_without_secret_ends_with_a_token_too(public_app, server):
    response = public_app.get(sign_in(server, begin(public_app)), status=302)

    token = response.location.removeprefix(APPS)
    public_app.get("/v1/notes", headers=bearer(token), status=200)


def test_the_authorization_url_says_what_the_protocol_asks_for(app_with, server):
    app = app_with(requested_scope="profile https://example.com/a&b", client_secret="")

    location = app.get("/v1/fxa-oauth/login", {"redirect": APPS}, status=302).location

    base = re.escape(f"{server.url}/authorization?action=signin&client_id={server.client_id}")
    assert re.fullmatch(
        rf"{base}&state=[0-9a-f]{{64}}&scope=profile\+https%3A%2F%2Fexample.com%2Fa%26b"
        r"&code_challenge=[\w-]{43}&code_challenge_method=S256",
        location,
    )


def test_each_login_has_its_own_state_and_challenge(public_app):
    logins = [begin(public_app) for _ in range(20)]

    assert len({login["state"] for login in logins}) == 20
    assert len({login["code_challenge"] for login in logins}) == 20


@pytest.mark.parametrize(
    ("settings", "with_challenge"),
    [
        ({}, False),
        ({"client_secret": ""}, True),
        ({"client_secret": "", "pkce__enabled": False}, False),
        ({"pkce__enabled": True}, True),
    ],
    ids=["a secret", "no secret", "neither", "both"],
)
def test_a_challenge_takes_the_place_of_the_secret_unless_the_settings_say_so(
    app_with, settings, with_challenge
):
    begun = begin(app_with(**settings))

    challenge = {"code_challenge", "code_challenge_method"} if with_challenge else set()
    assert set(begun) == {"action", "client_id", "state", "scope"} | challenge


def test_the_code_is_worth_nothing_without_the_secret_of_the_challenge(public_app, server):
    stolen = begin(public_app)
    other = begin(another_browser(public_app))
    code = sign_in(server, other).partition("code=")[2].partition("&")[0]

    response = public_app.get("/v1/fxa-oauth/token", {"state": stolen["state"], "code": code}, status=400)

    assert response.json["message"] == "code was refused by the OAuth server"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "state in querystring: Required"),
        ("code=a", "state in querystring: Required"),
        ("state=a", "code in querystring: Required"),
        ("state=&code=a", "state in querystring: Required"),
        ("state=a&state=b&code=a", "state in querystring: It is there more than once."),
        ("state=a&code=a&code=b", "code in querystring: It is there more than once."),
    ],
)
def test_state_and_code_are_needed(app, query, message):
    assert app.get(f"/v1/fxa-oauth/token?{query}", status=400).json["message"] == message


@pytest.mark.parametrize(
    "path",
    [
        "login?redirect=%ff",
        "login?redirect=https://app.example.com/&x=%ff",
        "token?state=%ff&code=a",
        "token?state=a&code=%ff",
        "token?state=a&code=a&x=%ff",
    ],
)
def test_a_query_that_is_no_utf_8_is_refused_as_by_resources(app, server, path):
    expected = app.get("/v1/notes?x=%ff", headers=bearer(server.issue_token()), status=400).json

    response = app.get(f"/v1/fxa-oauth/{path}", status=400)

    assert response.json == expected
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("endpoint", ["login", "token"])
def test_the_methods_that_are_allowed_are_those_that_work(app, endpoint):
    path = f"/v1/fxa-oauth/{endpoint}"
    answers = [app.options(path, status=204)]
    answers += [app.request(path, method=method, status=405) for method in ("HEAD", "POST", "DELETE")]

    preflight = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
    for_pages = app.options(path, headers=preflight, status=204)

    assert [answer.headers["Allow"] for answer in answers] == ["GET, OPTIONS"] * 4
    assert for_pages.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS"


def test_head_begins_no_login(app):
    response = app.head("/v1/fxa-oauth/login?redirect=https://app.example.com/", status=405)

    assert "Set-Cookie" not in response.headers
    assert app.app.registry.cache.entries == {}


def test_head_ends_no_login(app, server):
    back = sign_in(server, begin(app))

    app.head(back, status=405)

    assert ("POST", "/v1/token") not in server.calls
    app.get(back, status=302)


def test_a_batch_begins_no_login(app):
    requests = [{"path": "/fxa-oauth/login?redirect=https://app.example.com/"}]

    (answer,) = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert (answer["status"], answer["body"]["errno"]) == (400, 107)
    assert answer["body"]["message"] == "path: A browser signs in by itself, and in no batch."
    assert not {"Set-Cookie", "Location"} & set(answer["headers"])
    assert app.app.registry.cache.entries == {}


@pytest.mark.parametrize("slash", ["", "/"], ids=["itself", "by a redirect"])
def test_a_batch_ends_no_login(app, server, slash):
    back = sign_in(server, begin(app))
    path, _, query = back.partition("?")

    batch = {"requests": [{"path": f"{path}{slash}?{query}"}] * 2}
    answers = app.post_json("/v1/batch", batch).json["responses"]

    assert [answer["status"] for answer in answers] == [400, 400]
    assert ("POST", "/v1/token") not in server.calls
    app.get(back, status=302)


def test_a_login_that_another_version_has_kept_has_timed_out(app, server):
    back = sign_in(server, begin(app))
    key = KEY_PREFIX + back.partition("state=")[2]

    app.app.registry.cache.set(key, {"redirect": APPS, "nonce": "of a later one"})

    assert app.get(back, status=408).json == NOT_FOUND


@pytest.mark.parametrize(
    "state", ["abc", "0" * 64, "A" * 64, "0" * 65, "%00", "caf%C3%A9", "../x", "0" * 63 + "%0a", "0" * 5000]
)
def test_an_unknown_state_is_a_login_that_has_timed_out(app, state):
    response = app.get(f"/v1/fxa-oauth/token?state={state}&code=abc", status=408)

    assert response.json == NOT_FOUND


def test_a_state_expires(app_with, server):
    app = app_with(state__ttl_seconds=60)
    back = sign_in(server, begin(app))
    key = KEY_PREFIX + back.partition("state=")[2]
    cache = app.app.registry.cache
    assert 0 < cache.ttl(key) <= 60

    cache.expire(key, 0)

    assert app.get(back, status=408).json == NOT_FOUND


def test_a_state_is_kept_for_the_time_of_its_setting(app_with):
    app = app_with(state__ttl_seconds=1800, cache_ttl_seconds=5)

    state = begin(app)["state"]

    assert 1790 < app.app.registry.cache.ttl(KEY_PREFIX + state) <= 1800


def test_a_state_is_good_once(app, server):
    back = sign_in(server, begin(app))
    app.get(back, status=302)

    assert app.get(back, status=408).json == NOT_FOUND


@pytest.mark.parametrize("code", ["unknown", "caf\xe9", "a" * 5000, "a\nb", "\0"], ids=range(5))
def test_a_state_is_used_up_by_a_code_that_is_none(app, server, code):
    begun = begin(app)
    parameters = {"state": begun["state"], "code": code}

    assert "code" in app.get("/v1/fxa-oauth/token", parameters, status=400).json["message"]

    app.get(sign_in(server, begun), status=408)


def test_a_state_is_used_up_by_a_server_that_fails(app, server):
    back = sign_in(server, begin(app))
    server.fail_next("/v1/token", 500)

    app.get(back, status=503)

    app.get(back, status=408)


def test_many_threads_get_one_token_for_a_state(app_with, server):
    app = app_with(state__bind_to_browser=False)
    back = sign_in(server, begin(app))
    together = threading.Barrier(8)

    def go(_):
        together.wait(10)
        return another_browser(app).get(back, status="*").status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(go, range(8)))

    assert sorted(statuses) == [302, *[408] * 7]
    assert server.calls.count(("POST", "/v1/token")) == 1


def test_a_login_does_not_end_in_another_browser(app, server):
    back = sign_in(server, begin(app))

    assert another_browser(app).get(back, status=408).json == NOT_FOUND

    assert ("POST", "/v1/token") not in server.calls
    app.get(back, status=302)


def test_two_logins_go_on_in_one_browser(app, server):
    first, second = begin(app), begin(app)

    app.get(sign_in(server, first, "one@example.com"), status=302)
    app.get(sign_in(server, second, "two@example.com"), status=302)


def test_the_browser_is_not_known_again_when_the_setting_says_so(app_with, server):
    app = app_with(state__bind_to_browser=False)
    response = app.get("/v1/fxa-oauth/login", {"redirect": APPS})

    assert "Set-Cookie" not in response.headers
    another_browser(app).get(sign_in(server, begin(app)), status=302)


def test_neither_the_secret_of_the_browser_nor_the_state_is_readable_in_the_cache(app):
    response = app.get("/v1/fxa-oauth/login", {"redirect": APPS})
    (secret,) = app.cookies.values()

    kept = list(app.app.registry.cache.entries.values())

    assert len(kept) == 1
    assert secret not in kept[0].text
    assert secret not in response.location


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/fxa-oauth/login?redirect=https://app.example.com/", 302),
        ("/v1/fxa-oauth/login?redirect=https://evil.com/", 400),
        ("/v1/fxa-oauth/login", 400),
        ("/v1/fxa-oauth/token?state=a&code=b", 408),
        ("/v1/fxa-oauth/token", 400),
    ],
)
def test_no_answer_is_kept_nor_told_to_the_next_page(app, path, status):
    response = app.get(path, status=status)

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_the_token_is_in_no_page_that_is_kept(app, server):
    response = app.get(sign_in(server, begin(app)), status=302)

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert urlsplit(response.location).netloc == "app.example.com"


@pytest.mark.parametrize(
    "fault",
    [Fault.closed(), Fault.slow(3), Fault.status(429), Fault.status(404), *NONSENSE],
    ids=lambda f: f.name,
)
def test_a_server_that_is_of_no_use_asks_to_come_again(app, server, fault):
    back = sign_in(server, begin(app))
    server.fail_next("/v1/token", fault)

    response = app.get(back, status=503)

    assert response.json["errno"] == 201
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_server_may_refuse_the_client(app_with, server):
    app = app_with(client_secret="wrong")

    app.get(sign_in(server, begin(app)), status=503)


def test_a_cache_that_is_down_asks_to_come_again(server):
    # Nobody listens on port 1.
    down = {"cache_backend": "cliquet_like.cache.redis", "cache_url": "redis://127.0.0.1:1"}
    app = make_app(settings_for(server) | down)

    for path in ("login?redirect=https://app.example.com/", f"token?state={'0' * 64}&code=b"):
        response = app.get(f"/v1/fxa-oauth/{path}", status=503)

        assert (response.json["errno"], response.headers["Retry-After"]) == (201, "30")


@pytest.mark.parametrize(
    "missing", [{"cache_backend": ""}, {"fxa-oauth.oauth_uri": None}], ids=["cache", "uri"]
)
def test_without_what_it_needs_nobody_signs_in_and_the_rest_works(server, missing):
    app = make_app(settings_for(server) | missing)

    app.get("/v1/fxa-oauth/login", {"redirect": APPS}, status=503)
    app.get("/v1/fxa-oauth/token", {"state": "a", "code": "b"}, status=503)
    app.get("/v1/", status=200)


def test_the_relier_may_be_left_out(app_with):
    app = app_with(relier__enabled="false")

    app.get("/v1/fxa-oauth/login", {"redirect": APPS}, status=404)
    app.get("/v1/fxa-oauth/token", {"state": "a", "code": "b"}, status=404)
    app.get("/v1/fxa-oauth/params", status=200)


def test_basic_authentication_beside_it_asks_for_no_login(server):
    client = make_client(
        "tests.resources",
        user="ada",
        **settings_for(server) | {"multiauth.policies": "fxa basicauth"},
    )

    assert begin(client)["action"] == "signin"

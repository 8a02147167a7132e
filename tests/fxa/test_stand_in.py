"""The stand-in for the accounts server, asked by PyFxA and over plain HTTP."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import fxa.errors
import pytest
import requests
from fxa.oauth import Client

from cliquet_like.testing import FrozenClock
from cliquet_like_fxa.testing import OAuthServer
from cliquet_like_fxa.testing.refusals import Refusal

REDIRECT = "http://127.0.0.1:9/v1/fxa-oauth/token"
NEVER_PKCE = {"code_challenge": "", "code_challenge_method": ""}


@pytest.fixture(scope="module")
def running():
    with OAuthServer() as server:
        yield server


@pytest.fixture
def server(running):
    running.redirect_uri = REDIRECT
    running.token_kind = "opaque"
    running.calls.clear()
    return running


@pytest.fixture
def client(server):
    return client_of(server)


def client_of(server):
    return Client(server.client_id, server.client_secret, server.url, cache=None)


def authorization_url(client, **more):
    return client.get_redirect_url("the-state", **{"scope": "profile sync", **more})


def sign_in(url, email="ada@example.org"):
    """What the browser is told after the form."""
    return requests.post(url, data={"email": email}, allow_redirects=False, timeout=10)


def code_of(response):
    return parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]


def test_an_address_ends_in_the_version_and_is_of_this_machine(server):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", server.url)


def test_a_page_asks_for_the_e_mail_and_says_that_it_is_no_real_account(client):
    page = requests.get(authorization_url(client, email='"><b>ada@example.org'), timeout=10)

    assert page.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert 'type="email" value="&quot;&gt;&lt;b&gt;ada@example.org"' in page.text
    assert "a stand-in for Firefox Accounts" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_browser_is_sent_back_with_a_code_and_the_state(server, client):
    answer = sign_in(authorization_url(client))

    location = urlsplit(answer.headers["Location"])
    assert answer.status_code == 302
    assert location._replace(query="").geturl() == REDIRECT
    assert parse_qs(location.query) == {"code": [code_of(answer)], "state": ["the-state"]}


def test_the_query_of_a_registered_address_is_kept(server, client):
    server.redirect_uri = REDIRECT + "?from=fxa"

    answer = sign_in(authorization_url(client))

    assert answer.headers["Location"].startswith(REDIRECT + "?from=fxa&code=")
    assert server.redirect_uri == REDIRECT + "?from=fxa"


@pytest.mark.parametrize("kind", ["opaque", "jwt"])
def test_a_code_is_traded_for_a_token_of_the_user(server, client, kind):
    server.token_kind = kind
    code = code_of(sign_in(authorization_url(client, redirect_uri=REDIRECT), "Ada@example.org "))

    answer = client.trade_code(code)

    token = answer.pop("access_token")
    assert answer.pop("auth_at") == pytest.approx(time.time(), abs=60)
    assert answer == {"token_type": "bearer", "scope": "profile sync", "expires_in": 3600}
    assert server.token_kind == kind
    verified = client.verify_token(token, scope=["profile", "sync"])
    assert verified["user"] == server.user_id("ada@example.org")
    assert verified["client_id"] == server.client_id


def test_user_ids_are_32_hexadecimal_digits_of_the_e_mail(server):
    ada, bob = server.user_id("ada@example.org"), server.user_id("bob@example.org")

    assert re.fullmatch("[0-9a-f]{32}", ada)
    assert ada != bob
    assert ada == server.user_id(" ADA@example.org")


def test_without_a_scope_the_profile_is_granted(client):
    code = code_of(sign_in(client.get_redirect_url("the-state")))

    assert client.trade_code(code)["scope"] == "profile"


def test_a_client_may_ask_for_a_shorter_time_but_not_for_a_longer_one(client):
    shorter = client.trade_code(code_of(sign_in(authorization_url(client))), ttl=60)
    longer = client.trade_code(code_of(sign_in(authorization_url(client))), ttl=3601)

    assert (shorter["expires_in"], longer["expires_in"]) == (60, 3600)


def test_a_code_works_once(client):
    code = code_of(sign_in(authorization_url(client)))
    client.trade_code(code)

    with pytest.raises(fxa.errors.ClientError) as refusal:
        client.trade_code(code)

    assert refusal.value.details == {
        "code": 400,
        "errno": 105,
        "error": "Bad Request",
        "message": "Unknown code",
    }


def test_a_code_expires_after_ten_minutes():
    clock = FrozenClock()
    with OAuthServer(clock=clock) as server:
        server.redirect_uri = REDIRECT
        client = client_of(server)
        fresh, old = (code_of(sign_in(authorization_url(client))) for _ in range(2))

        clock.advance(599_999)
        client.trade_code(fresh)
        clock.advance(1)

        with pytest.raises(fxa.errors.ClientError, match="Expired code"):
            client.trade_code(old)


@pytest.mark.parametrize(
    ("change", "errno"),
    [
        ({"client_id": "0123456789abcdef"}, 101),
        ({"redirect_uri": REDIRECT + "/elsewhere"}, 103),
        ({"state": ""}, 109),
        ({"response_type": "token"}, 110),
        ({"code_challenge": "x" * 43}, 109),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, 109),
        ({"code_challenge": "x" * 42, "code_challenge_method": "S256"}, 109),
    ],
    ids=["client", "redirect", "state", "response type", "no method", "plain", "challenge"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_authorization_request_stays_on_the_page(server, method, change, errno):
    params = {"client_id": server.client_id, "state": "the-state", **change}

    answer = requests.request(
        method, server.url + "/authorization", params=params, data={"email": "a@b"}, timeout=10
    )

    assert (answer.status_code, answer.json()["errno"]) == (400, errno)
    assert answer.history == []


def test_nobody_signs_in_before_the_address_of_the_application_is_known(server, client):
    server.redirect_uri = ""

    answer = sign_in(authorization_url(client))

    assert answer.json()["message"] == "Incorrect redirect_uri: OAuthServer.redirect_uri has it"


def test_a_name_that_is_no_e_mail_does_not_sign_in(client):
    answer = sign_in(authorization_url(client), "ada")

    assert (answer.status_code, answer.json()["errno"]) == (400, 109)


@pytest.mark.parametrize(
    ("change", "errno"),
    [
        ({"client_id": "0123456789abcdef"}, 101),
        ({"client_id": None}, 109),
        ({"client_secret": "wrong"}, 102),
        ({"client_secret": ""}, 102),
        ({"client_secret": 7}, 109),
        ({"grant_type": "password"}, 109),
        ({"redirect_uri": REDIRECT + "/elsewhere"}, 103),
        ({"code": ["x"]}, 109),
        ({"code": "unknown"}, 105),
        ({"ttl": "60"}, 109),
        ({"ttl": 0}, 109),
    ],
    ids=str,
)
def test_a_wrong_token_request_is_refused(server, client, change, errno):
    code = code_of(sign_in(authorization_url(client)))
    body = {"code": code, "client_id": server.client_id, "client_secret": server.client_secret, **change}

    answer = requests.post(server.url + "/token", json=body, timeout=10)

    assert (answer.status_code, answer.json()["errno"]) == (400, errno)


def test_a_client_authenticates_itself(server, client):
    code = code_of(sign_in(authorization_url(client)))

    with pytest.raises(fxa.errors.ClientError, match="Incorrect client secret"):
        Client(server.client_id, server_url=server.url).trade_code(code)


def test_a_public_client_proves_by_a_challenge_that_the_code_is_its_own(server):
    client = Client(server.client_id, server_url=server.url, cache=None)
    challenge, verifier = client.generate_pkce_challenge()
    code = code_of(sign_in(authorization_url(client, **challenge)))

    token = client.trade_code(code, **verifier)["access_token"]

    assert client.verify_token(token)["client_id"] == server.client_id


def test_a_client_has_a_secret_or_a_challenge_and_not_both(client):
    challenge, verifier = client.generate_pkce_challenge()
    code = code_of(sign_in(authorization_url(client, **challenge)))

    with pytest.raises(fxa.errors.ClientError, match="client_secret") as refusal:
        client.trade_code(code, **verifier)

    assert refusal.value.errno == 109


def test_a_code_of_a_challenge_is_not_for_who_has_only_the_secret(client):
    challenge, _ = client.generate_pkce_challenge()
    code = code_of(sign_in(authorization_url(client, **challenge)))

    with pytest.raises(fxa.errors.ClientError) as refusal:
        client.trade_code(code)

    assert refusal.value.errno == 118


@pytest.mark.parametrize(
    ("with_challenge", "verifier", "errno"),
    [
        (True, "v" * 43, 117),
        (True, "short", 117),
        (True, "é" * 43, 117),
        (False, "v" * 43, 117),
    ],
    ids=["another", "short", "no ASCII", "without challenge"],
)
def test_a_code_is_only_for_who_asked_for_it(server, with_challenge, verifier, errno):
    client = Client(server.client_id, server_url=server.url, cache=None)
    challenge, right = client.generate_pkce_challenge()
    code = code_of(sign_in(authorization_url(client, **(challenge if with_challenge else NEVER_PKCE))))

    with pytest.raises(fxa.errors.ClientError) as refusal:
        client.trade_code(code, code_verifier=verifier)
    with pytest.raises(fxa.errors.ClientError, match="Unknown code"):
        client.trade_code(code, **right)

    assert refusal.value.errno == errno


def test_a_body_is_a_json_object(server):
    form = requests.post(server.url + "/verify", data={"token": "x"}, timeout=10)
    broken = requests.post(
        server.url + "/verify", data="{", headers={"Content-Type": "application/json"}, timeout=10
    )
    array = requests.post(server.url + "/verify", json=["token"], timeout=10)

    assert (form.status_code, form.json()["errno"]) == (415, 113)
    assert (broken.status_code, broken.json()["errno"]) == (400, 109)
    assert (array.status_code, array.json()["errno"]) == (400, 109)


def test_an_opaque_token_is_verified_by_the_server(server, client):
    token = server.issue_token("bob", scope="profile:email", ttl_s=60)

    verified = client.verify_token(token, scope="profile:email")

    assert verified == {
        "user": server.user_id("bob"),
        "client_id": server.client_id,
        "scope": ["profile:email"],
    }
    assert server.calls == [("GET", "/v1/jwks"), ("POST", "/v1/verify")]


def test_a_signed_token_is_verified_without_asking_for_it(server, client):
    token = server.issue_token(kind="jwt")

    verified = client.verify_token(token, scope="profile")

    assert verified["user"] == server.user_id("alice")
    assert server.calls == [("GET", "/v1/jwks")]


def test_a_signed_token_of_another_server_is_refused(client):
    with OAuthServer() as other:
        token = other.issue_token(kind="jwt")

    with pytest.raises(fxa.errors.TrustError, match="invalid signature"):
        client.verify_token(token)


def test_a_scope_that_was_not_granted_is_missed(server, client):
    with pytest.raises(fxa.errors.ScopeMismatchError):
        client.verify_token(server.issue_token(scope="profile:email"), scope="profile")


@pytest.mark.parametrize(
    ("kind", "error"), [("opaque", fxa.errors.ClientError), ("jwt", fxa.errors.TrustError)]
)
def test_an_expired_token_is_refused(server, client, kind, error):
    token = server.issue_token(kind=kind, ttl_s=-1)

    with pytest.raises(error, match=r"(?i)expired"):
        client.verify_token(token)


def test_a_token_of_an_unknown_kind_is_not_issued(server):
    with pytest.raises(ValueError, match="opaque or jwt, not 'saml'"):
        server.issue_token(kind="saml")
    with pytest.raises(ValueError, match="opaque or jwt, not 'saml'"):
        server.token_kind = "saml"


def test_a_revoked_token_is_unknown(server, client):
    token = server.issue_token()

    server.revoke(token)

    with pytest.raises(fxa.errors.ClientError, match="Invalid token"):
        client.verify_token(token)


def test_a_client_can_destroy_a_token_once(server, client):
    token = server.issue_token()

    client.destroy_token(token)

    with pytest.raises(fxa.errors.ClientError, match="Invalid token"):
        client.destroy_token(token)
    with pytest.raises(Refusal, match="Invalid token"):
        server.revoke(token)


def test_the_registered_application_is_public_except_its_secret(server, client):
    known = client.get_client_metadata()

    assert (known["id"], known["redirect_uri"]) == (server.client_id, REDIRECT)
    assert server.client_secret not in str(known)
    with pytest.raises(fxa.errors.ClientError, match="Unknown client"):
        client.get_client_metadata("0123456789abcdef")


@pytest.mark.parametrize("path", ["/v1/__heartbeat__", "/__heartbeat__"])
def test_it_is_alive(server, path):
    answer = requests.get(server.url.removesuffix("/v1") + path, timeout=10)

    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize("path", ["/client/%ff", "/authorization?client_id=%ff", "/%ff"])
def test_what_is_no_utf_8_is_refused(server, path):
    answer = requests.get(server.url + path, timeout=10)

    assert (answer.status_code, answer.json()["errno"]) == (400, 109)


@pytest.mark.parametrize("name", ["client_id", "client_secret", "code", "code_verifier"])
def test_half_a_character_is_no_secret(server, name):
    body = {"client_id": server.client_id, "client_secret": server.client_secret, "code": "a"}

    answer = requests.post(server.url + "/token", json=body | {name: "\ud800"}, timeout=10)

    assert answer.status_code == 400


def test_what_is_nowhere_is_an_error_in_json(server):
    answer = requests.get(server.url + "/verify", timeout=10)

    assert answer.status_code == 404
    assert answer.json() == {"code": 404, "errno": 999, "error": "Not Found", "message": "Not Found"}

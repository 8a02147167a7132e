"""Basic credentials to user ids."""

import base64
from types import SimpleNamespace

import pytest

from cliquet_like.authentication import BasicAuthAuthenticationPolicy, prefixed_userid

MAT = "9f2d363f98418b13253d6d7193fc88690302ab0ae21295521f6029dffe9dc3b0"


def basic(credentials):
    return "Basic " + base64.b64encode(credentials).decode()


@pytest.fixture
def userid_of():
    def userid(header, secret=""):
        headers = {} if header is None else {"Authorization": header}
        registry = SimpleNamespace(settings={"userid_hmac_secret": secret})
        request = SimpleNamespace(headers=headers, registry=registry)
        return BasicAuthAuthenticationPolicy().unauthenticated_userid(request)

    return userid


def test_the_same_credentials_are_the_same_user(userid_of):
    assert userid_of(basic(b"mat:1")) == MAT


@pytest.mark.parametrize("credentials", [b"mat:2", b"tam:1", b"mat:", "mät:1".encode()])
def test_other_credentials_are_another_user(userid_of, credentials):
    assert userid_of(basic(credentials)) not in (None, MAT)


def test_another_secret_makes_another_user(userid_of):
    assert userid_of(basic(b"mat:1"), secret="x") not in (None, MAT)


def test_a_secret_may_be_a_number(userid_of):
    assert userid_of(basic(b"mat:1"), secret=12345) == userid_of(basic(b"mat:1"), secret="12345")


def test_one_policy_serves_applications_with_different_secrets():
    policy = BasicAuthAuthenticationPolicy()
    settings = {"userid_hmac_secret": ""}
    request = SimpleNamespace(
        headers={"Authorization": basic(b"mat:1")}, registry=SimpleNamespace(settings=settings)
    )

    first = policy.unauthenticated_userid(request)
    settings["userid_hmac_secret"] = "x"
    other = policy.unauthenticated_userid(request)
    settings["userid_hmac_secret"] = ""

    assert (first, policy.unauthenticated_userid(request)) == (MAT, MAT)
    assert other not in (None, MAT)


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic "])
def test_the_scheme_is_read_in_any_case(userid_of, scheme):
    assert userid_of(basic(b"mat:1").replace("Basic", scheme)) == MAT


def test_latin_1_credentials_are_taken(userid_of):
    assert userid_of(basic(b"m\xe4t:1")) == userid_of(basic("mät:1".encode()))


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Bearer abc",
        "Basic !!!",
        "Basic YTpi\xe9",
        "Basic YWxpY2U",
        basic(b":secret"),
        basic(b"no colon"),
        basic(b"a\0b:c"),
        basic(b"a\x9fb:c"),
    ],
)
def test_unusable_credentials_are_nobody(userid_of, header):
    assert userid_of(header) is None


def test_forgetting_asks_for_credentials():
    headers = BasicAuthAuthenticationPolicy(realm="Shelf").forget(None)

    assert headers == [("WWW-Authenticate", 'Basic realm="Shelf"')]


def test_nothing_has_to_be_remembered():
    assert BasicAuthAuthenticationPolicy().remember(None, "ada") == []


def test_a_user_is_prefixed_with_the_name_of_the_policy():
    request = SimpleNamespace(authn_type="fxa", authenticated_userid="ada")

    assert prefixed_userid(request) == "fxa:ada"


def test_nobody_has_no_prefix():
    assert prefixed_userid(SimpleNamespace(authenticated_userid=None)) is None

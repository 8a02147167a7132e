"""The cookie by which a login knows its browser: how far it goes, how many there are, and whose they are."""

import pytest

from tests.fxa.signing import APPS, another_browser, begin, sign_in

SECURE = {"wsgi.url_scheme": "https", "SERVER_PORT": "443"}
# What a WSGI server makes of /caf%C3%A9 (PEP 3333).
CAFE = "/caf\xc3\xa9"


@pytest.fixture
def app(app_with):
    return app_with(timeout_seconds=1)


def cookies(response):
    """Name, value and attributes of each cookie that a browser is told of."""
    for header in response.headers.getall("Set-Cookie"):
        pair, *attributes = (part.strip() for part in header.split(";"))
        kept = {attribute for attribute in attributes if not attribute.startswith("expires=")}
        yield *pair.split("=", 1), kept


def log_in(app, **environ):
    return app.get("/v1/fxa-oauth/login", {"redirect": APPS}, extra_environ=environ, status=302)


def test_over_http_the_cookie_goes_to_the_two_endpoints(app):
    ((name, _, attributes),) = cookies(log_in(app))

    assert name.startswith("fxa-oauth-")
    assert attributes == {"HttpOnly", "SameSite=Lax", "Path=/v1/fxa-oauth", "Max-Age=3600"}


def test_over_https_the_cookie_is_one_that_no_other_host_can_set(app):
    ((name, _, attributes),) = cookies(log_in(app, **SECURE))

    assert name.startswith("__Host-fxa-oauth-")
    assert attributes == {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600", "secure"}


def test_a_login_over_https_ends_and_takes_its_cookie_back(app, server):
    back = sign_in(server, begin(app, extra_environ=SECURE))

    response = app.get(back, extra_environ=SECURE, status=302)

    assert [attributes >= {"Max-Age=0", "Path=/"} for _, _, attributes in cookies(response)] == [True]
    assert app.cookies == {}


def test_over_https_a_cookie_that_another_host_can_set_is_worth_nothing(app, server):
    begun = begin(app, extra_environ=SECURE)
    ((name, secret),) = app.cookies.items()
    tossed = {"Cookie": f"{name.removeprefix('__Host-')}={secret}"}

    another_browser(app).get(sign_in(server, begun), extra_environ=SECURE, headers=tossed, status=408)


@pytest.mark.parametrize(
    ("mount", "path"),
    [
        ("", "/v1/fxa-oauth"),
        ("/shelf", "/shelf/v1/fxa-oauth"),
        ("/a/shelf.of-my_own~1", "/a/shelf.of-my_own~1/v1/fxa-oauth"),
        ("/shelf/a b", "/shelf"),
        ("/a b", "/"),
        ("/a,b", "/"),
        ("/a;b/shelf", "/"),
        ("/shelf/100%", "/shelf"),
        (CAFE, "/"),
        ("/shelf//twice", "/shelf"),
    ],
    ids=ascii,
)
def test_the_path_is_one_that_browsers_find_in_their_url(app, mount, path):
    ((_, _, attributes),) = cookies(log_in(app, SCRIPT_NAME=mount))

    assert f"Path={path}" in attributes


@pytest.mark.parametrize("mount", ["/shelf", "/a b", "/a,b", "/a;b", CAFE], ids=ascii)
def test_a_login_ends_wherever_the_application_is_mounted(app, server, mount):
    environ = {"SCRIPT_NAME": mount}
    back = sign_in(server, begin(app, extra_environ=environ))

    app.get(back, extra_environ=environ, status=302)

    assert app.cookies == {}


@pytest.mark.parametrize("status", [302, 400, 503])
def test_the_cookie_is_gone_after_the_login(app, server, status):
    begun = begin(app)
    back = sign_in(server, begun) if status != 400 else f"/v1/fxa-oauth/token?state={begun['state']}&code=no"
    if status == 503:
        server.fail_next("/v1/token", 503)

    response = app.get(back, status=status)

    assert [attributes >= {"Max-Age=0", "Path=/v1/fxa-oauth"} for _, _, attributes in cookies(response)] == [
        True
    ]
    assert app.cookies == {}


@pytest.mark.parametrize("environ", [{}, SECURE], ids=["http", "https"])
def test_a_browser_keeps_the_cookies_of_its_last_eight_logins(app, server, environ):
    begun = [begin(app, extra_environ=environ) for _ in range(20)]

    kept = {name.removeprefix("__Host-") for name in app.cookies}

    assert kept == {f"fxa-oauth-{login['state'][:16]}" for login in begun[-8:]}
    app.get(sign_in(server, begun[-8]), extra_environ=environ, status=302)
    app.get(sign_in(server, begun[-9]), extra_environ=environ, status=408)


def test_cookies_of_others_are_left_alone(app):
    others = {f"fxa-oauth-{number}": "a" for number in range(20)} | {"session": "b"}
    header = "; ".join(f"{name}={value}" for name, value in others.items())

    told = list(cookies(app.get("/v1/fxa-oauth/login", {"redirect": APPS}, headers={"Cookie": header})))

    assert len(told) == 1


@pytest.mark.parametrize("around", ["{}; a=\xff", "a=\xff; {}", 'a="b;{}', "a; {} ;b", "{}"], ids=range(5))
def test_cookies_of_others_are_in_nobodys_way(app, server, around):
    back = sign_in(server, begin(app))
    own = "; ".join(f"{name}={secret}" for name, secret in app.cookies.items())

    another_browser(app).get(back, headers={"Cookie": around.format(own)}, status=302)


@pytest.mark.parametrize("value", ["", "0" * 64, "caf\xe9", "a" * 3000], ids=range(4))
def test_a_login_does_not_end_with_another_cookie(app, server, value):
    begun = begin(app)
    cookie = f"fxa-oauth-{begun['state'][:16]}={value}"

    another_browser(app).get(sign_in(server, begun), headers={"Cookie": cookie}, status=408)

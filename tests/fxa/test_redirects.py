"""Where users are sent with their token, and where they are not."""

import pytest

from cliquet_like_fxa.redirects import MAX_URL_LENGTH, is_allowed, parse_allowed_hosts, with_error, with_token
from tests.fxa.signing import app_for

LISTED = (
    "app.example.com *.apps.example.com http://localhost:3000 api.example.com:8443 "
    "https://xn--bcher-kva.example 127.0.0.1 http://[::1]:8000"
)

ALLOWED = [
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443/",
    "https://APP.Example.COM/",
    "https://app.example.com/path/to/page.html",
    "https://app.example.com/?token=",
    "https://app.example.com?token=",
    "https://app.example.com#token=",
    "https://app.example.com/path?next=%2Fhome&a=b?c#fxa=",
    "https://app.example.com/caf%C3%A9/~ada/(x);v=1,2",
    "https://app.example.com/%40ada#fxa=",
    "https://app.example.com/%c2%a0%E2%80%9Ca%E2%80%9D%F0%9F%98%80#%20",
    "https://one.apps.example.com/",
    "https://one.two.apps.example.com/",
    "https://a-b.apps.example.com/",
    "http://localhost:3000/",
    "http://LOCALHOST:3000/#",
    "https://api.example.com:8443/",
    "https://xn--bcher-kva.example/",
    "https://127.0.0.1/",
    "http://[::1]:8000/",
]

HOSTILE = [
    # nothing, or no absolute URL
    "", " ", "/", "//",
    "///", "app.example.com", "app.example.com/", "//app.example.com", "///app.example.com",
    "////app.example.com", "https:", "https:/", "https://", "https:///", "https:app.example.com",
    "https:/app.example.com", "https:///app.example.com", "https:////app.example.com",
    "?", "#", "./app.example.com",
    # other schemes
    "http://app.example.com/", "ftp://app.example.com/", "javascript:alert(1)//app.example.com",
    "javascript://app.example.com/%0aalert(1)", "data:text/html,app.example.com", "data://app.example.com/",
    "file://app.example.com/", "ws://app.example.com/", "view-source:https://app.example.com/",
    "HTTPS://app.example.com/", "hTTps://app.example.com/",
    "https//app.example.com", "httpss://app.example.com/",
    "blob:https://app.example.com/", "https::https://app.example.com/", "HTTP://localhost:3000/",
    # user information
    "https://app.example.com@evil.com/",
    "https://app.example.com:443@evil.com/", "https://evil.com@app.example.com/",
    "https://user:pass@app.example.com/", "https://@app.example.com/", "https://app.example.com/@evil.com",
    "https://app.example.com?@evil.com/",
    "https://app.example.com#@evil.com/", "https://evil.com?@app.example.com/",
    "https://evil.com#@app.example.com/",
    "https://evil.com/@app.example.com", "https://evil.com%40app.example.com/",
    # backslashes
    "https://evil.com\\@app.example.com/",
    "https://evil.com\\.app.example.com/", "https:\\\\app.example.com/",
    "https://app.example.com\\evil.com",
    "https://app.example.com/\\evil.com", "https://evil.com\\one.apps.example.com/",
    "\\\\app.example.com", "/\\app.example.com", "https:/\\app.example.com",
    # blanks and control characters
    " https://app.example.com/", "https://app.example.com/ ",
    "https://app.example.com/\t", "\thttps://app.example.com/",
    "https://app.exa\tmple.com/", "https://app.example.com\n/",
    "https://app.example.com/\n", "https://app.example.com/\r\n",
    "https://evil.com\n.apps.example.com/",
    "https://evil.com\0.apps.example.com/", "\0https://app.example.com/",
    "https://app.example.com/\x7f", "https://app.example.com/\x85", "https://app.example.com/\u2028",
    "https://app.example.com/\xa0", "ht\ntps://app.example.com/",
    "https://app.example.com/a b", "\ufeffhttps://app.example.com/",
    "https://app.example.com/\r\nLocation: https://evil.com",
    # percent-encodings
    "https://evil.com%2f.apps.example.com/",
    "https://evil.com%2Fone.apps.example.com/", "https:%2f%2fapp.example.com/",
    "https://app%2eexample.com/",
    "https://evil.com%00.apps.example.com/", "https://evil.com%0a.apps.example.com/",
    "https://evil.com%23.apps.example.com/",
    "https://evil.com%3f.apps.example.com/", "https://evil.com%5c.apps.example.com/",
    "https://app.example.com/%00",
    "https://app.example.com/%0d%0aSet-Cookie:a=b", "https://app.example.com/?a=%1F",
    "https://app.example.com/#%7f", "https://app.example.com/%",
    "https://app.example.com/%2", "https://app.example.com/%zz",
    # encoded C1 controls, and what is no UTF-8
    "https://app.example.com/%C2%80", "https://app.example.com/%c2%85",
    "https://app.example.com/?a=%C2%9B31m", "https://app.example.com/#%C2%9f",
    "https://app.example.com/a%C2%8D%C2%A0", "https://app.example.com/%85", "https://app.example.com/#%E9",
    "https://app.example.com/%C0%8A", "https://app.example.com/%C0%AF", "https://app.example.com/%E0%82%85",
    "https://app.example.com/%ED%A0%80", "https://app.example.com/%F5%80%80%80", "https://app.example.com/%FF",
    "https://app.example.com/%C2?%85", "https://app.example.com/%C2", "https://app.example.com/#%c2%7f",
    # ports
    "https://app.example.com:80/", "https://app.example.com:8443/",
    "https://app.example.com:/", "https://app.example.com:0443/",
    "https://app.example.com:443443/", "https://app.example.com:-443/", "https://app.example.com:+443/",
    "https://app.example.com:443:443/", "https://app.example.com:x/",
    "https://app.example.com:4४3/", "https://api.example.com/",
    "https://api.example.com:443/", "http://localhost/", "http://localhost:3001/", "https://localhost:3000/",
    "http://localhost:30000/", "https://one.apps.example.com:8443/",
    # names that look alike
    "https://example.com/", "https://apps.example.com/",
    "https://evilapps.example.com/", "https://evil-app.example.com/",
    "https://evilapp.example.com/",
    "https://app.example.com.evil.com/", "https://one.apps.example.com.evil.com/",
    "https://evil.com/app.example.com",
    "https://evil.com/.apps.example.com", "https://evil.com?.apps.example.com",
    "https://evil.com#.apps.example.com", "https://evil.com:443/.apps.example.com", "https://app.example.co/",
    "https://app-example.com/", "https://appXexample.com/",
    "https://example.com.apps/", "https://sub.app.example.com/",
    "http://localhost.evil.com:3000/", "http://evil.localhost:3000/", "http://localhost:3000.evil.com/",
    "http://localhost.:3000/", "http://notlocalhost:3000/", "http://127.0.0.1:3000/",
    # what is no name of labels
    "https://app.example.com./", "https://.app.example.com/",
    "https://app..example.com/", "https://.apps.example.com/",
    "https://..apps.example.com/", "https://-a.apps.example.com/", "https://a-.apps.example.com/",
    "https://a_b.apps.example.com/", "https://*.apps.example.com/", "https://one.apps.example.com./",
    "https://" + "a" * 64 + ".apps.example.com/",
    "https://evil.com,one.apps.example.com/", "https://evil.com;.apps.example.com/",
    "https://evil.com&.apps.example.com/",
    "https://evil.com'.apps.example.com/", 'https://evil.com".apps.example.com/',
    "https://evil.com<.apps.example.com/",
    "https://evil.com{.apps.example.com/", "https://evil.com|.apps.example.com/",
    "https://evil.com^.apps.example.com/",
    "https://evil.com`.apps.example.com/", "https://evil.com!.apps.example.com/",
    # internationalised names
    "https://b\xfccher.example/", "https://\uff41pp.example.com/",
    "https://app\u3002example.com/", "https://app\uff0eexample.com/",
    "https://app\uff61example.com/",
    "https://evil.com\uff0f.apps.example.com/", "https://evil.com\u2044.apps.example.com/",
    "https://evil.com\u2100.apps.example.com/",
    "https://\u0430pp.example.com/", "https://app.ex\u00adample.com/",
    "https://app.example.com\u200b/",
    "https://xn--e1awd7f.apps.example.com/", "https://a.xn--e1awd7f.apps.example.com/",
    "https://XN--E1AWD7F.apps.example.com/", "https://xn--bcher-kvb.example/",
    "http://loca\u212Ahost:3000/", "http://local\u017fost:3000/",
    # addresses
    "https://2130706433/", "https://0x7f000001/",
    "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://127.1/",
    "https://127.0.0.1.evil.com/", "https://127.0.0.2/",
    "https://127.000.000.001/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
    "http://[::1]:8001/", "http://[0:0:0:0:0:0:0:1]:8000/",
    "http://[::1%25lo]:8000/", "http://[::1]evil.com:8000/",
    "http://[::1].apps.example.com:8000/", "https://[app.example.com]/",
    "http://[::1/", "http://::1]:8000/", "https://1.apps.example.com.1/",
    # fragments and queries in the wrong place
    "https://evil.com/?https://app.example.com/",
    "https://evil.com/#https://app.example.com/", "#https://app.example.com/",
    "?https://app.example.com/", "https://app.example.com/#a#b",
    "https://?app.example.com/", "https://#app.example.com/",
    # characters that no URL has
    "https://app.example.com/<script>", 'https://app.example.com/"',
    "https://app.example.com/{}", "https://app.example.com/|",
    "https://app.example.com/^", "https://app.example.com/`",
    "https://app.example.com/[x]", "https://app.example.com/caf\xe9",
    "https://app.example.com/\ufffd", "https://app.example.com/\U0001f600",
    # far too long
    "https://app.example.com/" + "a" * MAX_URL_LENGTH, "https://" + "a." * 1000 + "apps.example.com/",
    "https://" + "a" * 100_000,
]  # fmt: skip


@pytest.fixture(scope="module")
def app(shared_server):
    return app_for(shared_server, webapp__authorized_domains=LISTED)


@pytest.mark.parametrize("url", ALLOWED, ids=ascii)
def test_a_listed_host_is_redirected_to(app, url):
    response = app.get("/v1/fxa-oauth/login", {"redirect": url}, status=302)

    assert response.location.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_anything_else_is_refused(app, number):
    url = HOSTILE[number]

    response = app.get("/v1/fxa-oauth/login", {"redirect": url}, status=400)

    assert response.json["errno"] == 107
    assert "redirect" in response.json["message"]
    assert [error["name"] for error in response.json["details"]] == ["redirect"]
    assert "Set-Cookie" not in response.headers
    assert not is_allowed(url, parse_allowed_hosts(LISTED.split()))


def test_a_url_has_at_most_1024_characters():
    longest = "https://app.example.com/".ljust(1024, "a")
    allowed = parse_allowed_hosts(["app.example.com"])

    assert is_allowed(longest, allowed)
    assert not is_allowed(longest + "a", allowed)


def test_what_no_request_can_carry_is_refused_too():
    assert not is_allowed("https://app.example.com/\ud800", parse_allowed_hosts(LISTED.split()))


def test_the_table_of_hostile_urls_has_each_once():
    assert len(set(HOSTILE)) == len(HOSTILE) > 200


@pytest.mark.parametrize(
    ("url", "hint"),
    [("https://app.example.com/@ada", ": an @ behind the host is written %40"), ("https://evil.com/", "")],
)
def test_an_at_sign_is_told_how_to_be_written(app, url, hint):
    response = app.get("/v1/fxa-oauth/login", {"redirect": url}, status=400)

    assert response.json["message"] == f"redirect is no URL that is allowed here{hint}"


@pytest.mark.parametrize("query", ["", "redirect", "redirect=", "Redirect=https://app.example.com/"])
def test_a_login_needs_a_redirect(app, query):
    response = app.get(f"/v1/fxa-oauth/login?{query}", status=400)

    assert response.json["message"] == "redirect in querystring: Required"


@pytest.mark.parametrize(
    "query",
    [
        "redirect=https://app.example.com/&redirect=https://evil.com/",
        "redirect=https://evil.com/&redirect=https://app.example.com/",
        "redirect=https://app.example.com/&redirect=https://app.example.com/",
        "redirect=&redirect=https://app.example.com/",
    ],
)
def test_a_second_redirect_is_refused(app, query):
    response = app.get(f"/v1/fxa-oauth/login?{query}", status=400)

    assert response.json["message"] == "redirect in querystring: It is there more than once."


def test_with_no_host_listed_every_redirect_is_refused():
    assert not is_allowed("https://app.example.com/", parse_allowed_hosts([]))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.example.com/", True),
        ("https://evil.com/", True),
        ("http://app.example.com/", False),
        ("https://app.example.com:8443/", False),
        ("https://localhost/", False),
        ("https://127.0.0.1/", False),
        ("https://0x7f.1/", False),
        ("https://a.0x/", False),
        ("https://[::1]/", False),
        ("https://xn--e1awd7f.com/", False),
    ],
)
def test_a_star_alone_is_every_plain_name(url, expected):
    assert is_allowed(url, parse_allowed_hosts(["*"])) is expected


@pytest.mark.parametrize(
    "entry",
    [
        "app*.example.com", "a.*.example.com", "*example.com",
        "*.", "**", "?.example.com", "[ab].example.com",
        "https://app.example.com/", "app.example.com/path",
        "user@app.example.com", "app.example.com:", "app.example.com:0",
        "app.example.com:99999", "ftp://app.example.com",
        "app.example.com.", ".example.com", "app..example.com",
        "b\xfccher.example", "http://*.example.com", "http://*", "*.com",
        "127.1", "2130706433", "0x7f000001", "*.1.2.3",
        "0177.0.0.1", "127.0.0.1.5", "127.0.0.1.",
    ],
)  # fmt: skip
def test_an_entry_that_is_no_host_fails(entry):
    with pytest.raises(ValueError, match=r"^'"):
        parse_allowed_hosts(["app.example.com", entry])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.example.com", "https://app.example.com/t0k3n"),
        ("https://app.example.com:8443", "https://app.example.com:8443/t0k3n"),
        ("https://app.example.com/", "https://app.example.com/t0k3n"),
        ("https://app.example.com?t=", "https://app.example.com?t=t0k3n"),
        ("https://app.example.com#t=", "https://app.example.com#t=t0k3n"),
        ("https://app.example.com/a?b=c#t=", "https://app.example.com/a?b=c#t=t0k3n"),
    ],
)
def test_the_token_is_the_end_of_the_url_and_never_of_the_host(url, expected):
    assert with_token(url, "t0k3n") == expected


def test_a_token_is_encoded_where_a_url_asks_for_it():
    assert with_token("https://app.example.com/#", "a.b-c_d~e+f/g==") == (
        "https://app.example.com/#a.b-c_d~e%2Bf%2Fg%3D%3D"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.example.com", "https://app.example.com/#error=access_denied"),
        ("https://app.example.com/a/", "https://app.example.com/a/#error=access_denied"),
        ("https://app.example.com?", "https://app.example.com?error=access_denied"),
        ("https://app.example.com/?t=", "https://app.example.com/?t=&error=access_denied"),
        ("https://app.example.com/#", "https://app.example.com/#error=access_denied"),
        ("https://app.example.com#t=", "https://app.example.com#t=&error=access_denied"),
        ("https://app.example.com/?b=c#t=", "https://app.example.com/?b=c#t=&error=access_denied"),
        ("https://app.example.com/?b=c#", "https://app.example.com/?b=c#error=access_denied"),
        ("https://app.example.com/#/a?t=", "https://app.example.com/#/a?t=&error=access_denied"),
    ],
)
def test_an_error_is_a_parameter_behind_the_place_of_the_token(url, expected):
    assert with_error(url, "access_denied") == expected


def test_an_error_is_encoded_where_a_url_asks_for_it():
    assert (
        with_error("https://app.example.com/#", "a&b=c#d") == "https://app.example.com/#error=a%26b%3Dc%23d"
    )

"""The headers that every response carries."""

import pytest
from pyramid import httpexceptions
from pyramid.response import Response

from cliquet_like.drivers.errors import BackendError
from tests.support import application, open_service, raising

RESOURCES = ("tests.resources.notes",)
PATHS = ["/v1/", "/v1/nothing", "/articles", "/v1/thing", "/v1/%ff"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "exception",
    [httpexceptions.HTTPNotModified(), BackendError(message="gone"), RuntimeError()],
    ids=lambda exception: type(exception).__name__,
)
def test_backoff_is_on_every_response(path, exception):
    app = application({"backoff": 10}, services=[raising(exception)])

    response = app.get(path, expect_errors=True)

    assert response.headers["Backoff"] == "10"


@pytest.mark.parametrize("backoff", [None, ""])
def test_there_is_no_backoff_unless_it_is_set(backoff):
    assert "Backoff" not in application({"backoff": backoff}).get("/v1/").headers


def test_backoff_may_be_set_on_a_running_application():
    app = application()

    app.app.registry.settings["backoff"] = 5

    assert app.get("/v1/").headers["Backoff"] == "5"


@pytest.mark.parametrize(
    ("value", "header"),
    [(0, "0"), ("7", "7"), (2**31, "2147483648"), (10**5000, "2147483648"), (None, None), ("", None)],
    ids=["0", "7", "2**31", "10**5000", "None", "empty"],
)
def test_the_next_response_follows_the_setting(value, header):
    app = application({"backoff": 10})

    app.app.registry.settings["backoff"] = value

    assert app.get("/v1/").headers.get("Backoff") == header


@pytest.mark.parametrize(
    "nonsense", [-1, 1.5, True, "soon", "5\r\nSet-Cookie: a=b", b"5", [], {"a": 1}, float("nan")], ids=repr
)
def test_nonsense_that_is_set_at_run_time_is_no_backoff(nonsense):
    app = application({"backoff": 10})

    app.app.registry.settings["backoff"] = nonsense

    assert "Backoff" not in app.get("/v1/", status=200).headers


@pytest.mark.parametrize("value", ["3\r\nSet-Cookie: a=b", -1, 1.5, True, None, "", "soon", b"5"], ids=repr)
@pytest.mark.parametrize("path", ["/v1/thing", "/v1/__heartbeat__"])
def test_retry_after_is_its_default_when_nonsense_is_set_at_run_time(path, value):
    def setup(config):
        config.registry.heartbeats = {"it": lambda request: False}

    app = application(services=[raising(BackendError(message="gone"))], setup=setup)

    app.app.registry.settings["retry_after_seconds"] = value

    headers = app.get(path, status=503).headers
    assert headers["Retry-After"] == "30"
    assert "Set-Cookie" not in headers


def test_retry_after_may_be_changed_on_a_running_application():
    app = application(services=[raising(BackendError(message="gone"))])

    app.app.registry.settings["retry_after_seconds"] = "7"

    assert app.get("/v1/thing", status=503).headers["Retry-After"] == "7"


def sharing(percentage, draws, backoff=10):
    """Client of an application whose draws are given, in their order."""
    app = application({"backoff": backoff, "backoff_percentage": percentage})
    app.app.registry.chance = iter(draws).__next__
    return app


def sent(app, times):
    return ["Backoff" in app.get("/v1/").headers for _ in range(times)]


@pytest.mark.parametrize(
    ("percentage", "expected"),
    [
        (0, [False, False, False, False]),
        (0.5, [True, False, False, False]),
        ("25", [True, True, False, False]),
        (60, [True, True, True, False]),
        (99.99, [True, True, True, True]),
    ],
)
def test_a_share_of_the_responses_carries_it(percentage, expected):
    app = sharing(percentage, [0.0, 0.2, 0.5, 0.999])

    assert sent(app, 4) == expected


@pytest.mark.parametrize("percentage", [None, "", 100, 100.0])
def test_all_of_them_carry_it_unless_there_is_a_share(percentage):
    app = sharing(percentage, [0.0, 0.5, 0.999])

    assert sent(app, 3) == [True] * 3


@pytest.mark.parametrize(
    "nonsense", [-1, 101, True, "half", [], float("nan"), float("inf"), 10**400], ids=lambda v: str(v)[:9]
)
def test_a_share_that_is_none_is_all(nonsense):
    app = sharing(0, [])

    app.app.registry.settings["backoff_percentage"] = nonsense

    assert sent(app, 3) == [True] * 3


def test_the_share_may_be_changed_on_a_running_application():
    app = sharing(0, [0.5] * 2)

    before = sent(app, 1)
    app.app.registry.settings["backoff_percentage"] = 51

    assert (before, sent(app, 1)) == ([False], [True])


def test_nothing_is_drawn_without_backoff():
    app = sharing(50, [], backoff=None)

    assert sent(app, 2) == [False] * 2


def test_chance_decides_by_itself():
    app = application({"backoff": 10, "backoff_percentage": 50})

    # All the same once in 2 ** 99 runs.
    assert set(sent(app, 100)) == {True, False}


@pytest.mark.parametrize("path", PATHS)
def test_security_headers_are_on_every_response(path):
    headers = application(services=[raising(RuntimeError())]).get(path, expect_errors=True).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["Vary"] == "Authorization"


def test_a_view_may_have_its_own_policy():
    own = Response("<p>", headers={"Content-Security-Policy": "default-src 'self'"})

    response = application(services=[open_service(lambda request: own)]).get("/v1/thing")

    assert response.headers["Content-Security-Policy"] == "default-src 'self'"


@pytest.mark.parametrize(
    ("vary", "header"),
    [
        ("Accept Authorization", "Accept, Authorization"),
        ("Accept, Authorization", "Accept, Authorization"),
        (["Accept"], "Accept"),
        ("", None),
        ("Accept accept Cookie Accept", "Accept, Cookie"),
    ],
)
def test_vary_is_a_setting(vary, header):
    assert application({"vary": vary}).get("/v1/").headers.get("Vary") == header


@pytest.mark.parametrize(
    ("own", "header"),
    [("Cookie", "Cookie, Authorization"), ("cookie, authorization", "cookie, authorization")],
)
def test_a_view_may_vary_by_more(own, header):
    varying = Response("<p>", headers={"Vary": own})

    response = application(services=[open_service(lambda request: varying)]).get("/v1/thing")

    assert response.headers.getall("Vary") == [header]


def test_an_origin_in_vary_is_named_once():
    app = application({"vary": "Origin", "cors_origins": "https://a.example"})

    assert app.get("/v1/").headers["Vary"] == "Origin"


def test_two_applications_do_not_meet():
    one, two = application({"backoff": 1, "vary": "Accept"}), application({"backoff": 2})

    headers = [app.get("/v1/").headers for app in (one, two, one)]

    assert [header["Backoff"] for header in headers] == ["1", "2", "1"]
    assert [header["Vary"] for header in headers] == ["Accept", "Authorization", "Accept"]

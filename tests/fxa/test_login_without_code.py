"""Logins that come back without a code: the user cancelled, the server refused, or the query is broken."""

import logging

import pytest

from tests.fxa.signing import APPS, another_browser, begin, cancel, sign_in

NOT_FOUND = "The OAuth session was not found, please re-authenticate."


@pytest.fixture
def app(app_with):
    return app_with()


def back_of(begun, query):
    """Path by which a login comes back with its state and something else."""
    return f"/v1/fxa-oauth/token?state={begun['state']}&{query}"


def test_who_cancels_comes_back_to_where_the_login_was_begun_for(app, server, caplog):
    begun = begin(app)
    back = cancel(server, begun)

    with caplog.at_level(logging.WARNING):
        response = app.get(back, status=302)

    assert response.location == f"{APPS}&error=access_denied"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert (app.cookies, caplog.records) == ({}, [])
    assert app.get(sign_in(server, begun), status=408).json["message"] == NOT_FOUND
    assert ("POST", "/v1/token") not in server.calls


def test_what_the_server_has_against_a_login_is_logged(app, caplog):
    with caplog.at_level(logging.WARNING):
        response = app.get(back_of(begin(app), "error=invalid_scope&error_description=No."), status=302)

    assert response.location == f"{APPS}&error=invalid_scope"
    assert "invalid_scope" in caplog.text
    assert "No." not in caplog.text


def test_an_error_beside_a_code_is_an_error(app, server):
    back = sign_in(server, begin(app))

    response = app.get(f"{back}&error=server_error", status=302)

    assert response.location == f"{APPS}&error=server_error"
    assert ("POST", "/v1/token") not in server.calls


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("error=", "error in querystring: Required"),
        ("error=a&error=b", "error in querystring: It is there more than once."),
        ("error=a%20b", "error is none of the OAuth server"),
        ("error=%3Cscript%3E", "error is none of the OAuth server"),
        ("error=a%0d%0aSet-Cookie:%20b=c", "error is none of the OAuth server"),
        ("error=a%26token=b", "error is none of the OAuth server"),
        ("error=" + "a" * 65, "error is none of the OAuth server"),
        ("", "code in querystring: Required"),
        ("code=", "code in querystring: Required"),
        ("code=a&code=b", "code in querystring: It is there more than once."),
        ("code=a&x=%ff", "UTF-8"),
        ("error=access_denied&error_description=%e9", "UTF-8"),
        ("%ff=%ff&code=a", "UTF-8"),
        (b"code=a&x=\xff".decode("latin-1"), "UTF-8"),
    ],
    ids=range(14),
)
def test_a_query_that_says_nothing_is_told_and_ends_the_login(app, server, query, message):
    begun = begin(app)

    response = app.get(back_of(begun, query), status=400)

    assert message in response.json["message"]
    assert app.cookies == {}
    app.get(sign_in(server, begun), status=408)


@pytest.mark.parametrize("query", ["error=access_denied", "error=", "code=a", "", "code=a&x=%ff"])
def test_another_browser_ends_nothing(app, server, query):
    begun = begin(app)

    response = another_browser(app).get(back_of(begun, query), status="*")

    assert response.status_int in (400, 408)
    assert "Location" not in response.headers
    app.get(sign_in(server, begun), status=302)


@pytest.mark.parametrize("state", ["abc", "0" * 64])
def test_an_error_of_a_login_that_nobody_began_leads_nowhere(app, state):
    response = app.get("/v1/fxa-oauth/token", {"state": state, "error": "access_denied"}, status=408)

    assert response.json["message"] == NOT_FOUND
    assert "Location" not in response.headers


@pytest.mark.parametrize("second", ["{}", ""], ids=["of another login", "of none"])
def test_two_states_end_no_login(app, server, second):
    begun, other = begin(app), begin(app)

    app.get(back_of(begun, f"state={second.format(other['state'])}&error=access_denied"), status=400)

    for one in (begun, other):
        app.get(sign_in(server, one), status=302)


def test_an_error_comes_back_once(app):
    back = back_of(begin(app), "error=access_denied")
    app.get(back, status=302)

    app.get(back, status=408)


def test_an_error_in_a_batch_ends_no_login(app, server):
    begun = begin(app)
    requests = [{"path": back_of(begun, "error=access_denied")}]

    (answer,) = app.post_json("/v1/batch", {"requests": requests}).json["responses"]

    assert (answer["status"], "Location" in answer["headers"]) == (400, False)
    app.get(sign_in(server, begun), status=302)

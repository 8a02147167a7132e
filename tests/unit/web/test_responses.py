"""From a body to a response."""

from unittest.mock import MagicMock

import pytest
from pyramid import testing
from pyramid.response import Response

from cliquet_like.web.responses import json_response, set_headers, written_json


@pytest.fixture
def request_():
    with testing.testConfig():
        yield testing.DummyRequest()


def test_a_body_is_written_in_the_request_s_response(request_):
    request_.response.status_code = 201

    response = json_response(request_, {"a": "é"})

    assert response is request_.response
    assert (response.status_code, response.body) == (201, '{"a":"é"}'.encode())


def test_what_was_written_is_known_until_somebody_changes_it(request_):
    response = json_response(request_, {"a": 1})
    before = written_json(response)

    response.app_iter[0] = b"<p>"
    changed = written_json(response)
    response.body = b'{"a":1}'

    assert (before, changed, written_json(response)) == (b'{"a":1}', None, None)


def test_a_response_is_returned_as_it_is(request_):
    body = Response("<p>")

    assert json_response(request_, body) is body


def test_what_json_cannot_hold_changes_nothing(request_):
    with pytest.raises(TypeError):
        json_response(request_, object())

    assert request_.response.body == b""


def test_what_the_body_is_stands_in_the_headers_once_after_those_of_the_view(request_):
    headers = request_.response.headers
    headers["content-type"] = "text/html"
    headers["Content-MD5"] = "of another body"
    headers["X-Shelf"] = "3"

    response = json_response(request_, {"a": 1})

    assert response.headerlist == [
        ("X-Shelf", "3"),
        ("Content-Type", "application/json"),
        ("Content-Length", "7"),
    ]
    assert dict(headers) == dict(response.headerlist)


def test_headers_take_the_place_of_those_with_their_names():
    response = Response(headerlist=[("etag", '"1"'), ("Vary", "A"), ("ETag", '"2"'), ("Vary", "B")])

    set_headers(response, {"ETag": '"3"', "Expires": "never"})

    others = [("Vary", "A"), ("Vary", "B"), ("Content-Length", "0")]
    assert response.headerlist == [*others, ("ETag", '"3"'), ("Expires", "never")]
    assert response.headers["etag"] == '"3"'


def test_headers_that_are_held_show_what_is_set(request_):
    held = request_.response.headers

    set_headers(request_.response, {"ETag": '"3"'})
    held["X-Mine"] = "1"

    assert held["ETag"] == '"3"'
    assert request_.response.headers["X-Mine"] == "1"


def test_what_stands_in_for_a_response_needs_headers_only():
    stand_in = MagicMock(headers={"ETag": '"2"'})

    set_headers(stand_in, {"ETag": '"3"', "Expires": "never"})

    assert stand_in.headers == {"ETag": '"3"', "Expires": "never"}

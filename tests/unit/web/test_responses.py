"""From a body to a response."""

import pytest
from pyramid import testing
from pyramid.response import Response

from cliquet_like.web.responses import json_response


@pytest.fixture
def request_():
    with testing.testConfig():
        yield testing.DummyRequest()


def test_a_body_is_written_in_the_request_s_response(request_):
    request_.response.status_code = 201

    response = json_response(request_, {"a": "é"})

    assert response is request_.response
    assert (response.status_code, response.body) == (201, '{"a":"é"}'.encode())


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

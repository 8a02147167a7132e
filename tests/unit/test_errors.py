"""Bodies of protocol errors."""

import json

import pytest
from cornice.errors import Errors
from pyramid import testing
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotModified, HTTPServiceUnavailable
from pyramid.i18n import TranslationStringFactory

from cliquet_like.errors import ERRORS, http_error, json_error_handler, raise_invalid, send_alert


@pytest.fixture
def request_():
    with testing.testConfig(settings={"project_docs": "https://docs.example"}) as config:
        request = testing.DummyRequest()
        request.registry = config.registry
        request.errors = Errors()
        yield request


def body_of(request):
    return json_error_handler(request).json_body


def test_a_member_is_its_number_and_knows_its_status():
    assert ERRORS(114) is ERRORS.MODIFIED_MEANWHILE
    assert ERRORS.MODIFIED_MEANWHILE.value == 114
    assert ERRORS.MODIFIED_MEANWHILE.status == 412


def test_no_number_is_given_twice():
    numbers = [error.value for error in ERRORS]

    assert len(set(numbers)) == len(numbers) == len(ERRORS.__members__)


def test_an_error_says_nothing_that_it_does_not_know():
    error = http_error(HTTPBadRequest())

    assert error.json_body == {"code": 400, "errno": 999, "error": "Bad Request"}
    assert error.headers["Content-Type"] == "application/json"


def test_an_error_says_all_that_it_knows():
    error = http_error(
        HTTPBadRequest(), ERRORS.BADJSON, code=499, error="Odd", message="m", info="i", details={"a": 1}
    )

    assert error.json_body == {
        "code": 499,
        "errno": 106,
        "error": "Odd",
        "message": "m",
        "info": "i",
        "details": {"a": 1},
    }


def test_a_number_may_be_plain():
    assert http_error(HTTPServiceUnavailable(), errno=201).json_body["errno"] == 201


def test_nothing_is_written_in_a_response_that_has_no_body():
    response = http_error(HTTPNotModified(), errno=ERRORS.UNDEFINED)

    assert response.body == b""
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("\ud800", "?"),
        (b"\xff", "\ufffd"),
        (object, "<class 'object'>"),
        (2**80, str(2**80)),
        ([1, None, True, 0.5, ("\udfff",)], [1, None, True, 0.5, ["?"]]),
    ],
)
def test_what_json_cannot_hold_is_written_as_well_as_possible(given, written):
    error = http_error(HTTPBadRequest(), message="\ud800", details={"given": given})

    assert json.loads(error.body)["details"] == {"given": written}


def test_raising_says_where_and_what(request_):
    with pytest.raises(HTTPBadRequest) as raised:
        raise_invalid(request_, location="querystring", name="_limit", description="must be a number")

    assert raised.value.json_body == {
        "code": 400,
        "errno": 107,
        "error": "Invalid parameters",
        "message": "_limit in querystring: must be a number",
        "details": [{"location": "querystring", "name": "_limit", "description": "must be a number"}],
    }


def test_headers_may_be_said_in_the_plural(request_):
    with pytest.raises(HTTPBadRequest) as raised:
        raise_invalid(request_, location="headers", name="If-Match", description="no")

    assert raised.value.json_body["message"] == "If-Match in header: no"


def test_a_name_is_not_said_twice(request_):
    request_.errors.add("body", "title", "title is required")

    assert body_of(request_)["message"] == "title is required"


def test_without_a_name_the_location_comes_first(request_):
    request_.errors.add("body", None, "Invalid JSON")

    assert body_of(request_)["message"] == "body: Invalid JSON"


def test_the_first_name_gives_the_message(request_):
    request_.errors.add("body", "b", "second")
    request_.errors.add("body", "a", "first")

    body = body_of(request_)

    assert body["message"] == "a in body: first"
    assert [detail["name"] for detail in body["details"]] == ["b", "a"]


def test_a_description_may_be_bytes_or_a_translation(request_):
    translated = TranslationStringFactory("tests")("at least ${min}", mapping={"min": 3})
    request_.errors.add("header", "Accept", b"Accept is wrong")
    request_.errors.add("body", "size", translated)

    assert [detail["description"] for detail in body_of(request_)["details"]] == [
        "Accept is wrong",
        "at least 3",
    ]


def test_the_status_is_that_of_the_errors(request_):
    request_.errors.status = 415

    response = json_error_handler(request_)

    assert response.status_code == response.json_body["code"] == 415
    assert response.json_body["errno"] == 107


def test_an_unknown_status_is_a_bad_request(request_):
    request_.errors.status = 499

    assert json_error_handler(request_).status_code == 400


def test_an_alert_points_to_the_documentation(request_):
    send_alert(request_, "Déjà vu")

    assert request_.response.headers["Alert"].isascii()
    assert json.loads(request_.response.headers["Alert"]) == {
        "code": "soft-eol",
        "message": "Déjà vu",
        "url": "https://docs.example",
    }


def test_an_alert_may_point_elsewhere(request_):
    send_alert(request_, url="https://x.example", code="hard-eol")

    alert = json.loads(request_.response.headers["Alert"])
    assert alert == {"code": "hard-eol", "message": None, "url": "https://x.example"}

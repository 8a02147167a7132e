"""Bodies that were read before, as a part of another one."""

import io

import pytest
from pyramid.request import Request

from cliquet_like.web.body import ReadBody, read_object


class OwnBody(Request):
    """Request of an application that has its own idea of a body."""

    @property
    def body(self):
        return b'{"own": true}'


def request_of(source: io.BytesIO, kind: type[Request] = Request) -> Request:
    request = kind.blank("/", method="POST")
    request.environ.update({"wsgi.input": source, "CONTENT_LENGTH": str(source.getbuffer().nbytes)})
    request.is_body_seekable = True
    return request


def test_a_body_that_was_read_is_not_read_again():
    value = {"a": "é"}
    request = request_of(ReadBody(value))

    assert read_object(request) is value
    assert request.body == '{"a":"é"}'.encode()


def test_who_asks_again_has_a_value_of_his_own():
    value = {"a": [1]}
    request = request_of(ReadBody(value))

    first, second = read_object(request), read_object(request)

    assert first is value
    assert second == value
    assert second is not value


def test_a_body_that_somebody_has_put_in_its_place_counts():
    request = request_of(ReadBody({"a": 1}))
    request.body = b'{"b": 2}'

    assert read_object(request) == {"b": 2}


@pytest.mark.parametrize(("kind", "expected"), [(Request, {"a": 1}), (OwnBody, {"own": True})])
def test_a_request_that_knows_better_is_asked(kind, expected):
    assert read_object(request_of(ReadBody({"a": 1}), kind)) == expected


def test_any_other_body_is_read():
    assert read_object(request_of(io.BytesIO(b'{"a": 1}'))) == {"a": 1}


def test_a_body_is_no_longer_than_it_is_said_to_be():
    request = request_of(io.BytesIO(b'{"a": 1}, "b": 2}'))
    request.content_length = len(b'{"a": 1}')

    assert read_object(request) == {"a": 1}

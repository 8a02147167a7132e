"""Whatever a client sends: no failure, JSON that says what is wrong, and nothing is lost."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webob import Request
from webtest import TestApp

from cliquet_like.testing.app import basic_auth
from tests.hostile import make_app as make_hostile_app

RECORD = "/v1/bookmarks/00000000-0000-4000-8000-000000000001"

any_bytes_as_wsgi = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
header_text = any_bytes_as_wsgi.map(lambda text: text.replace("\r", "").replace("\n", ""))
names = st.sampled_from(
    ["title", "id", "last_modified", "deleted", "_since", "_to", "_sort", "_limit", "_token", "_fields"]
    + [f"{prefix}_status" for prefix in ("min", "max", "lt", "gt", "not", "in", "exclude")]
    + ["in_id", "exclude_last_modified", "a.b", "", "."]
)
values = st.text(max_size=30) | st.sampled_from(
    ["1", "true", "'", '"1"', "[[", "1e999", "-1", "a,b", "%", "9" * 40]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def hostile_app() -> Any:
    return make_hostile_app()


def send(app: Any, method: str, path: str, query: str = "", body: bytes = b"", **environ: Any) -> Any:
    """Answer to a raw WSGI request; always short of 500, and an error is JSON."""
    request = Request.blank("/", method=method)
    request.environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_AUTHORIZATION": basic_auth("ada")}
    if body or method != "GET":
        request.content_type = "application/json"
        request.body = body
    request.environ |= environ
    response = request.get_response(app)
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        answer = json.loads(response.body)
        assert answer["code"] == response.status_code
        assert isinstance(answer["errno"], int)
        assert answer["error"]
    return response


def quoted(name: str, value: str) -> str:
    raw = f"{name}={value}".encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02x}" if byte != ord("=") else "=" for byte in raw)


@given(names, values)
def test_any_parameter(hostile_app: Any, name: str, value: str) -> None:
    send(hostile_app, "GET", "/v1/bookmarks", quoted(name, value))
    send(hostile_app, "GET", RECORD, quoted(name, value))


@given(any_bytes_as_wsgi)
def test_any_query_string(hostile_app: Any, query: str) -> None:
    send(hostile_app, "GET", "/v1/bookmarks", query)
    send(hostile_app, "GET", "/bookmarks", query)


@given(any_bytes_as_wsgi, st.sampled_from(["/", "/v1/", "/v1/bookmarks/", "/v2", "//"]))
def test_any_path(hostile_app: Any, path: str, start: str) -> None:
    response = send(hostile_app, "GET", start + path)

    location = response.headers.get("Location", "http://localhost/")
    assert location.startswith("http://localhost/")
    assert location.isprintable()


@given(
    st.sampled_from(
        [
            "IF_MATCH",
            "IF_NONE_MATCH",
            "AUTHORIZATION",
            "ACCEPT",
            "ORIGIN",
            "HOST",
            "USER_AGENT",
            "RESPONSE_BEHAVIOR",
            "COOKIE",
        ]
    ),
    header_text,
)
def test_any_header(hostile_app: Any, name: str, value: str) -> None:
    for method in ("GET", "PATCH", "OPTIONS"):
        send(hostile_app, method, RECORD, **{f"HTTP_{name}": value})


@given(header_text)
def test_any_content_type(hostile_app: Any, value: str) -> None:
    send(hostile_app, "POST", "/v1/bookmarks", body=b"{}", CONTENT_TYPE=value)
    send(hostile_app, "POST", "/v1/batch", body=b"{}", CONTENT_TYPE=value)


@given(st.binary(max_size=60))
def test_any_body(hostile_app: Any, body: bytes) -> None:
    for method, path in (
        ("POST", "/v1/bookmarks"),
        ("PUT", RECORD),
        ("PATCH", RECORD),
        ("POST", "/v1/batch"),
    ):
        send(hostile_app, method, path, body=body)


@given(json_values, json_values, st.sampled_from(["b", "title", "number", "ratio", "when", "tags"]))
def test_any_json(hostile_app: Any, first: Any, second: Any, field: str) -> None:
    data = json.dumps({"data": {"url": "http://x/", "a": first, field: second}}).encode()

    for method, path in (("POST", "/v1/bookmarks"), ("PUT", RECORD), ("PATCH", RECORD)):
        response = send(hostile_app, method, path, body=data)
        if response.status_code < 300:
            assert (
                send(hostile_app, "GET", "/v1/bookmarks/" + response.json["data"]["id"]).json == response.json
            )
    send(hostile_app, "POST", "/v1/bookmarks", body=json.dumps(first).encode())
    send(hostile_app, "POST", "/v1/batch", body=json.dumps({"requests": [first, second]}).encode())
    send(
        hostile_app,
        "POST",
        "/v1/batch",
        body=json.dumps({"requests": [{"path": "/", "body": first}]}).encode(),
    )


@given(values, st.text(max_size=10), header_text)
def test_any_request_in_a_batch(hostile_app: Any, path: str, header: str, value: str) -> None:
    item = {"path": f"/v1/{path}", "headers": {header: value, "Accept": value}}

    send(hostile_app, "POST", "/v1/batch", body=json.dumps({"requests": [item]}).encode())


@pytest.mark.parametrize(
    "number", ["1180591620717411303424", "9" * 5000, "1e999", "NaN", "-Infinity", "1e-400"]
)
def test_a_number_is_kept_exactly_or_refused(hostile_app: Any, number: str) -> None:
    body = f'{{"data": {{"url": "http://x/", "n": {number}}}}}'.encode()

    response = send(hostile_app, "POST", "/v1/bookmarks", body=body)

    assert response.status_code == 400
    assert "Invalid JSON" in response.json["message"]
    assert response.json["details"][0]["location"] == "body"


@pytest.mark.parametrize("name", ["accept", "content-type"])
def test_negotiation_errors_say_what_is_possible(app: TestApp, name: str) -> None:
    if name == "accept":
        response = app.get("/v1/notes", headers={"Accept": "text/html"}, status=406)
        expected = "Accept header should be one of ['application/json']"
    else:
        response = app.post("/v1/notes", b"{}", content_type="text/plain", status=415)
        expected = "Content-Type header should be one of ['application/json']"

    assert response.json["message"] == expected
    assert response.json["code"] == response.status_code


def test_an_unexpected_key_is_named(app: TestApp) -> None:
    response = app.post_json("/v1/notes", {"data": {}, "permissions": {}}, status=400)

    assert response.json["details"] == [
        {"location": "body", "name": "permissions", "description": "Unknown key"}
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", "9" * 30),
        ("number", 1e300),
        ("when", "9" * 30),
        ("ratio", "inf"),
        ("ratio", "nan"),
        ("ratio", "1e999"),
    ],
)
def test_what_a_schema_makes_of_a_value_can_be_stored_or_is_refused(
    hostile_app: Any, field: str, value: Any
) -> None:
    data = json.dumps({"data": {"url": "http://typed/", field: value}}).encode()
    changes = json.dumps({"data": {field: value}}).encode()
    send(hostile_app, "PUT", RECORD, body=b'{"data": {"url": "http://x/"}}')

    for response in (
        send(hostile_app, "POST", "/v1/bookmarks", body=data),
        send(hostile_app, "PUT", RECORD, body=data),
        send(hostile_app, "PATCH", RECORD, body=changes),
    ):
        assert response.status_code == 400
        assert response.json["details"][0]["name"] == f"data.{field}"
    assert send(hostile_app, "GET", "/v1/bookmarks").status_code == 200


def test_a_client_that_hangs_up_is_no_mistake_of_ours(hostile_app: Any) -> None:
    cut = {"wsgi.input": io.BytesIO(b"{"), "webob.is_body_seekable": False, "CONTENT_LENGTH": "10"}

    response = send(hostile_app, "POST", "/v1/batch", body=b"{}", **cut)

    assert response.status_code == 400
    assert "Content-Length" in response.json["message"]


def test_a_request_may_have_no_path_at_all(hostile_app: Any) -> None:
    request = Request.blank("/")
    del request.environ["PATH_INFO"], request.environ["SCRIPT_NAME"]

    assert request.get_response(hostile_app).status_code == 307

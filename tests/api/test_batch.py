from typing import Any

import pytest
from webtest import TestApp

from cliquet_like.testing.app import basic_auth, sign_in

RESOURCES = ("tests.resources.notes", "tests.resources.bookmarks")
NOTES = "/v1/notes"


def batch(app: TestApp, *requests: dict[str, Any], defaults: Any = None, **kwargs: Any) -> list[Any]:
    body: dict[str, Any] = {"requests": list(requests)}
    if defaults is not None:
        body["defaults"] = defaults
    responses: list[Any] = app.post_json("/v1/batch", body, **kwargs).json["responses"]
    return responses


def test_requests_are_answered_in_their_order(app: TestApp) -> None:
    created, listed, missing, hello = batch(
        app,
        {"method": "POST", "path": NOTES, "body": {"data": {"a": "é"}}},
        {"path": f"{NOTES}?_limit=1"},
        {"path": "/v1/nosuch"},
        {"path": "/v1/"},
    )

    assert created["status"] == 201
    assert created["path"] == NOTES
    assert created["body"]["data"]["a"] == "é"
    assert created["headers"]["ETag"] == f'"{created["body"]["data"]["last_modified"]}"'
    assert listed["body"] == {"data": [created["body"]["data"]]}
    assert listed["path"] == NOTES
    assert (missing["status"], missing["body"]["errno"]) == (404, 111)
    assert hello["body"]["user"]["id"].startswith("basicauth:")


def test_a_path_gets_the_version_and_may_be_in_any_script(app: TestApp) -> None:
    plain, encoded, foreign = batch(
        app, {"path": "/notes"}, {"path": "/v1/%6eotes"}, {"path": "/v1/notes/é?a=é#b"}
    )

    assert (plain["status"], plain["path"]) == (200, NOTES)
    assert (encoded["status"], encoded["path"]) == (200, NOTES)
    assert (foreign["status"], foreign["path"]) == (400, "/v1/notes/é")


def test_defaults_are_merged_into_each_request(app: TestApp) -> None:
    responses = batch(
        app,
        {"body": {"data": {"b": 2}}},
        {"path": "/v1/bookmarks", "method": "GET"},
        defaults={"path": NOTES, "method": "POST", "body": {"data": {"a": 1}}},
    )

    data = responses[0]["body"]["data"]
    assert (data["a"], data["b"]) == (1, 2)
    assert responses[1]["body"] == {"data": []}


def test_redirects_are_followed_with_method_and_body(app: TestApp) -> None:
    (created,) = batch(app, {"method": "POST", "path": f"{NOTES}/", "body": {"data": {"a": 1}}})

    assert (created["status"], created["path"]) == (201, NOTES)
    assert created["body"]["data"]["a"] == 1


def test_a_head_request_has_no_body(app: TestApp) -> None:
    (head,) = batch(app, {"method": "HEAD", "path": NOTES})

    assert (head["status"], head["body"]) == (200, "")
    assert head["headers"]["Total-Records"] == "0"


def test_refusals_are_reported_and_the_others_go_on(app: TestApp) -> None:
    refused, conflict, wrong, created = batch(
        app,
        {"method": "PUT", "path": NOTES},
        {"method": "PUT", "path": f"{NOTES}/abc", "body": {"data": {}}},
        {"method": "POST", "path": "/v1/bookmarks", "body": {"data": {}}},
        {"method": "POST", "path": NOTES, "body": {"data": {}}},
    )

    assert (refused["status"], refused["body"]["errno"]) == (405, 115)
    assert conflict["status"] == 400
    assert wrong["body"]["details"][0]["name"] == "data.url"
    assert created["status"] == 201


def test_conditions_of_each_request_count(app: TestApp) -> None:
    note = app.post_json(NOTES, {"data": {}}).json["data"]
    path, tag = f"{NOTES}/{note['id']}", f'"{note["last_modified"]}"'

    stale, current, unmodified = batch(
        app,
        {"method": "DELETE", "path": path, "headers": {"If-Match": '"1"'}},
        {"method": "PATCH", "path": path, "body": {"data": {}}, "headers": {"if-match": tag}},
        {"path": path, "headers": {"If-None-Match": tag}},
    )

    assert stale["status"] == 412
    assert current["status"] == 200
    assert (unmodified["status"], unmodified["body"]) == (304, "")


def test_headers_of_the_batch_are_inherited_and_can_be_replaced(app: TestApp) -> None:
    mine, anonymous, other = batch(
        app,
        {"path": "/v1/"},
        {"path": "/v1/", "headers": {"Authorization": ""}},
        {"path": "/v1/", "headers": {"authorization": basic_auth("bob")}},
    )

    bob = sign_in(app, "bob").get("/v1/").json["user"]
    assert mine["body"]["user"] == app.get("/v1/").json["user"]
    assert "user" not in anonymous["body"]
    assert other["body"]["user"] == bob != mine["body"]["user"]


def test_who_may_not_see_it_alone_may_not_see_it_in_a_batch(app: TestApp) -> None:
    app.post_json(NOTES, {"data": {"a": "secret"}})

    mine, *others = batch(
        app,
        {"path": NOTES},
        {"path": NOTES, "headers": {"Authorization": basic_auth("bob")}},
        {"path": NOTES, "headers": {"AUTHORIZATION": "Bearer x"}},
    )
    (anonymous,) = batch(sign_in(app, None), {"path": NOTES})

    assert len(mine["body"]["data"]) == 1
    assert others[0]["body"] == {"data": []}
    assert (others[1]["status"], others[1]["body"]["errno"]) == (401, 104)
    assert anonymous["status"] == 401


def test_framing_headers_of_a_request_are_ours(app: TestApp) -> None:
    headers = {"Content-Length": "-1", "Host": "evil.example/x?", "Transfer-Encoding": "chunked"}
    requests = [
        {"method": "POST", "path": NOTES, "body": {"data": {"n": n}}, "headers": headers} for n in range(2)
    ]

    *created, listed = batch(app, *requests, {"path": f"{NOTES}?_limit=1", "headers": headers})

    assert [answer["status"] for answer in created] == [201, 201]
    assert listed["headers"]["Next-Page"].startswith("http://localhost/v1/notes?")


def test_a_content_type_of_a_request_counts(app: TestApp) -> None:
    headers = {"Content-Type": "text/plain"}
    request = {"method": "POST", "path": NOTES, "body": {"data": {}}, "headers": headers}

    (refused,) = batch(app, request)

    assert (refused["status"], refused["body"]["code"]) == (415, 415)


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/batch", "/v1/b%61tch", "/v1/batch/", "/v1/batch?a=b", "/%62atch"]
)
def test_a_batch_in_a_batch_is_refused_however_it_is_spelled(app: TestApp, path: str) -> None:
    inner = {"method": "POST", "path": path, "body": {"requests": [{"path": "/v1/"}]}}

    response = app.post_json("/v1/batch", {"requests": [{"path": "/v1/"}, inner]}, status=400)

    assert "Recursive" in response.json["message"]
    assert response.json["details"][0]["name"] == "requests.1.path"


@pytest.mark.parametrize("path", ["/v1/notes/batch-1", "/v1/notes/x-batch", "//v1/batch", "/v1/notes/batch"])
def test_a_place_that_only_looks_like_the_batch_is_no_recursion(app: TestApp, path: str) -> None:
    (answer,) = batch(app, {"path": path})

    assert 400 <= answer["status"] < 500


def test_the_batch_view_itself_refuses_to_be_inside(make_app: Any) -> None:
    app = make_app("tests.redirecting")
    inner = {"method": "POST", "path": "/v1/elsewhere", "body": {"requests": [{"path": "/v1/"}]}}

    (answer,) = batch(app, inner)

    assert answer["status"] == 400
    assert "Recursive" in answer["body"]["message"]


@pytest.mark.parametrize("path", ["/v1/outside", "/v1/endless"])
def test_a_redirect_that_leads_nowhere_is_reported(make_app: Any, path: str) -> None:
    app = make_app("tests.redirecting")

    (answer,) = batch(app, {"path": path})

    assert answer["status"] == 302
    assert answer["path"] == path


def test_an_answer_that_is_no_json_is_text(make_app: Any) -> None:
    app = make_app("tests.redirecting")

    (answer,) = batch(app, {"path": "/v1/plain"})

    assert answer["body"] == "plain text"


@pytest.mark.parametrize(
    ("path", "status", "errno"),
    [("/v1/crash", 500, 999), ("/v1/down", 503, 201), ("/v1/raised", 503, 201), ("/v1/returned", 503, 201)],
)
def test_a_failure_is_the_answer_of_the_whole_batch(
    make_app: Any, path: str, status: int, errno: int
) -> None:
    app = make_app("tests.redirecting")

    response = app.post_json("/v1/batch", {"requests": [{"path": "/v1/"}, {"path": path}]}, status=status)

    assert response.json["errno"] == errno
    assert ("Retry-After" in response.headers) is (status == 503)


def test_what_is_wrong_with_a_batch_is_named(app: TestApp) -> None:
    for body, name in (({"requests": [{}]}, "requests.0.path"), ([], "")):
        response = app.post_json("/v1/batch", body, status=400)
        assert response.json["details"][0]["name"] == name


def test_a_batch_that_is_no_json_is_refused(app: TestApp) -> None:
    response = app.post("/v1/batch", b'{"requests":[],}', content_type="application/json", status=400)

    assert "Invalid JSON" in response.json["message"]


def test_a_batch_is_json(app: TestApp) -> None:
    app.post("/v1/batch", b"{}", content_type="text/plain", status=415)


@pytest.mark.parametrize(("limit", "status"), [(2, 400), ("2", 400), (3, 200), (None, 200), ("", 200)])
def test_the_number_of_requests_is_limited(make_app: Any, limit: Any, status: int) -> None:
    app = make_app(batch_max_requests=limit)

    response = app.post_json("/v1/batch", {"requests": [{"path": "/v1/"}] * 3}, status=status)

    if status == 400:
        assert response.json["message"].endswith("Number of requests is limited to 2")


@pytest.mark.parametrize(("limit", "count", "status"), [("2", 3, 400), ("abc", 25, 200), (-1, 26, 400)])
def test_the_limit_may_change_and_is_the_default_when_it_is_none(
    app: TestApp, limit: Any, count: int, status: int
) -> None:
    app.app.registry.settings["batch_max_requests"] = limit

    app.post_json("/v1/batch", {"requests": [{"path": "/v1/"}] * count}, status=status)


def test_data_of_the_request_is_shared_across_the_batch(make_app: Any) -> None:
    app = make_app("tests.redirecting")

    first, second = batch(app, {"path": "/v1/counted"}, {"path": "/v1/counted"})

    assert (first["body"], second["body"]) == ({"seen": 1}, {"seen": 2})
    assert app.get("/v1/counted").json == {"seen": 1}


@pytest.mark.parametrize(
    "environ", [{"HTTP_HOST": "localhost:80"}, {"SCRIPT_NAME": "/mounted/é".encode().decode("latin-1")}]
)
def test_redirects_are_followed_wherever_the_service_is(app: TestApp, environ: dict[str, str]) -> None:
    app.extra_environ.update(environ)

    with_slash, without_version = batch(app, {"path": f"{NOTES}/"}, {"path": "/v1"})

    assert (with_slash["status"], with_slash["path"]) == (200, NOTES)
    assert (without_version["status"], without_version["path"]) == (200, "/v1/")


def test_a_redirect_out_of_the_mount_point_is_reported(make_app: Any) -> None:
    app = make_app("tests.redirecting")
    app.extra_environ["SCRIPT_NAME"] = "/mounted"

    (answer,) = batch(app, {"path": "/v1/endless"})

    assert answer["status"] == 302


def test_an_http_exception_that_is_returned_is_answered_as_one_that_is_raised(make_app: Any) -> None:
    app = make_app("tests.redirecting")

    (answer,) = batch(app, {"path": "/v1/forbidden"})
    alone = app.get("/v1/forbidden", status=403)

    assert answer["body"]["errno"] == alone.json["errno"] == 121


def test_headers_of_one_name_are_joined(make_app: Any) -> None:
    (answer,) = batch(make_app("tests.redirecting"), {"path": "/v1/plain"})

    assert answer["headers"]["X-Twice"] == "a, b"

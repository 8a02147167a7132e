"""Batches, refusals and waiting, against a stand-in server."""

import base64
import email.utils
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from webob import Response

from example.netscape import Link
from example.upload import LONGEST_WAIT_S, TRIES, Outcome, Server, ServerError, Verdict


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def server(stand_in: Any, waited: list[float]) -> Iterator[Server]:
    with urllib3.PoolManager() as http:
        yield Server(stand_in.url + "/", "élise:secret:2", http, sleep=waited.append)


def links(count: int) -> list[Link]:
    return [Link(number, f"https://example.org/{number}", f"Title {number}") for number in range(count)]


def sizes(stand_in: Any) -> list[int]:
    return [len(batch) for batch in stand_in.batches]


def test_no_link_sends_no_batch(stand_in: Any, server: Server) -> None:
    assert list(server.upload([])) == []
    assert sizes(stand_in) == []


def test_batches_are_as_large_as_the_server_allows(stand_in: Any, server: Server) -> None:
    stand_in.settings = {"batch_max_requests": 3}

    outcomes = list(server.upload(links(7)))

    assert sizes(stand_in) == [3, 3, 1]
    assert [outcome.link for outcome in outcomes] == links(7)


@pytest.mark.parametrize("settings", [{"batch_max_requests": None}, {}, {"batch_max_requests": 0}, None])
def test_without_a_limit_a_batch_has_25_requests(stand_in: Any, server: Server, settings: Any) -> None:
    stand_in.settings = settings

    list(server.upload(links(26)))

    assert sizes(stand_in) == [25, 1]


def test_each_link_is_created_already_there_or_refused(server: Server) -> None:
    new, again, bad = Link(1, "http://a", "A"), Link(2, "http://a", "A"), Link(3, "javascript:1", "B")

    outcomes = list(server.upload([new, again, bad]))

    assert outcomes == [
        Outcome(new, Verdict.CREATED),
        Outcome(again, Verdict.ALREADY_THERE),
        Outcome(bad, Verdict.REFUSED, "Not a web address"),
    ]


def test_requests_carry_the_user_and_the_device(stand_in: Any, server: Server) -> None:
    list(server.upload(links(1)))

    credentials = base64.b64decode(stand_in.seen[-1].authorization.params).decode()
    assert credentials == "élise:secret:2"
    assert stand_in.seen[-1].user_agent == "bookmarks-import/1.0"
    assert stand_in.batches == [[{"url": "https://example.org/0", "title": "Title 0"}]]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"status": 409, "body": {"error": "Conflict"}}, "Conflict"),
        ({"status": 403, "body": ""}, "status 403"),
        ({"status": 400, "body": {}}, "status 400"),
        ("nonsense", "status None"),
    ],
)
def test_a_refusal_without_a_message_still_has_a_reason(
    stand_in: Any, server: Server, response: Any, reason: str
) -> None:
    stand_in.script.extend([None, Response(json={"responses": [response]})])

    (outcome,) = server.upload(links(1))

    assert (outcome.verdict, outcome.reason) == (Verdict.REFUSED, reason)


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    stand_in: Any, server: Server, waited: list[float], problem: Callable[..., Response]
) -> None:
    stand_in.script.extend([None, problem(503, Retry_After="7"), problem(503, Retry_After="8", Backoff="9")])

    outcomes = list(server.upload(links(1)))

    assert waited == [7.0, 9.0]
    assert [outcome.verdict for outcome in outcomes] == [Verdict.CREATED]


def test_a_server_that_stays_busy_is_given_up(
    stand_in: Any, server: Server, waited: list[float], problem: Callable[..., Response]
) -> None:
    stand_in.script.extend([problem(503)] * TRIES)

    with pytest.raises(ServerError, match="answered 503: Come back later"):
        list(server.upload(links(1)))

    assert waited == [1.0] * (TRIES - 1)


def test_too_long_a_wait_is_left_to_the_user(
    stand_in: Any, server: Server, waited: list[float], problem: Callable[..., Response]
) -> None:
    stand_in.script.append(problem(503, Retry_After=str(int(LONGEST_WAIT_S) + 1)))

    with pytest.raises(ServerError, match="come back in 301 seconds"):
        list(server.upload(links(1)))

    assert waited == []


def test_backoff_slows_the_next_request_down_but_not_the_end(
    stand_in: Any, server: Server, waited: list[float]
) -> None:
    stand_in.settings = {"batch_max_requests": 1}
    body = b'{"responses": [{"status": 201}]}'
    slow = Response(body=body, content_type="application/json", headerlist=[("Backoff", "4")])
    stand_in.script.extend([None, slow, slow])

    outcomes = list(server.upload(links(2)))

    assert len(outcomes) == 2
    assert waited == [4.0]


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        (lambda: email.utils.formatdate(time.time() + 60, usegmt=True), 50, 61),
        (lambda: email.utils.formatdate(time.time() - 60, usegmt=True), 0, 0),
        (lambda: "soon", 1, 1),
        (lambda: "-5", 1, 1),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    stand_in: Any,
    server: Server,
    waited: list[float],
    problem: Callable[..., Response],
    retry_after: Callable[[], str],
    least: float,
    most: float,
) -> None:
    stand_in.script.append(problem(503, Retry_After=retry_after()))

    list(server.upload(links(1)))

    assert least <= sum(waited) <= most


def test_a_refused_batch_tells_why(stand_in: Any, server: Server, problem: Callable[..., Response]) -> None:
    stand_in.script.extend([None, problem(410)])

    with pytest.raises(ServerError, match="/batch answered 410: Come back later"):
        list(server.upload(links(1)))


@pytest.mark.parametrize("content", [b"<html>", b"[]", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json_object_is_not_a_service(
    stand_in: Any, server: Server, content: bytes
) -> None:
    stand_in.script.append(Response(body=content))

    with pytest.raises(ServerError, match="did not answer in JSON"):
        list(server.upload(links(1)))


def test_an_error_page_of_somebody_else_is_reported_by_its_status(stand_in: Any, server: Server) -> None:
    stand_in.script.append(Response(body=b"<h1>Bad gateway</h1>", status=502))

    with pytest.raises(ServerError, match="answered 502: no reason given"):
        list(server.upload(links(1)))


@pytest.mark.parametrize("answer", [{}, {"responses": []}, {"responses": {"0": 1}}])
def test_a_batch_that_is_not_answered_in_full_stops_the_upload(
    stand_in: Any, server: Server, answer: Any
) -> None:
    stand_in.script.extend([None, Response(json=answer)])

    with pytest.raises(ServerError, match="did not answer every request"):
        list(server.upload(links(1)))


def test_a_redirected_batch_keeps_its_method_and_body(stand_in: Any, server: Server) -> None:
    moved = Response(status=307, headerlist=[("Location", stand_in.url + "/batch")])
    stand_in.script.extend([None, moved])

    (outcome,) = server.upload(links(1))

    assert outcome.verdict is Verdict.CREATED


def test_nobody_at_the_address_is_said() -> None:
    with urllib3.PoolManager() as http:
        server = Server("http://127.0.0.1:1/v1", "a:b", http)

        with pytest.raises(ServerError, match=r"Cannot reach http://127\.0\.0\.1:1/v1"):
            list(server.upload(links(1)))

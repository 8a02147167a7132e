"""From figures to tables and drawings; and what the client over HTTP takes for an answer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest

from benchmarks import tables
from benchmarks.chart import chart
from benchmarks.comparison import Figures
from benchmarks.load import BadAnswer, ask, is_complete, request
from benchmarks.over_http import Level, knee
from benchmarks.workloads import Workload

pytestmark = pytest.mark.once


def figures(*rounds, at_most=2.0, aim=1.5):
    return Figures(Workload("GET", lambda service, number: [], at_most=at_most, aim=aim), list(rounds))


def level(connections, rate, latencies=(0.1,)):
    return Level(connections, [rate], list(latencies))


def test_a_ratio_is_the_median_of_those_of_the_rounds():
    busy_later = figures([1.0, 1.0, 10.0, 10.0, 10.0], [2.0, 3.0, 30.0, 30.0, 40.0])

    assert busy_later.medians == [10.0, 30.0]
    assert busy_later.ratios == [1.0, 3.0]
    assert busy_later.spread(1) == (3.0, 3.0)


def test_a_service_without_the_workload_has_no_ratio():
    assert figures([0.001], None).ratios == [1.0, None]


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(0.0015, "yes, the aim"), (0.002, "yes"), (0.0021, "**no**")]
)
def test_the_table_says_what_holds(seconds, verdict):
    table = tables.against_bare([figures([0.001], [seconds])])

    assert table.splitlines()[2].endswith(f"| 2 | 1.5 | {verdict} |")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.000_123, "123 µs"), (0.0099, "9900 µs"), (0.0123, "12.3 ms"), (None, "")]
)
def test_times_are_short(seconds, text):
    assert tables.duration(seconds) == text


def test_the_table_of_many_shows_what_each_one_takes():
    table = tables.beside(["bare", "ours", "peer"], [figures([0.001], [0.002], None)])

    assert table.splitlines()[2] == "| GET | 1000 µs | 2000 µs (2) |  |"


def test_the_chart_has_a_bar_for_each_ratio_and_its_number():
    drawing = chart(
        "Ratios", ["ours", "<peer>"], [figures([0.001], [0.002], [0.02]), figures([1.0], [0.5], None)]
    )

    texts = [element.text for element in ElementTree.fromstring(drawing).iter() if element.text]

    assert {"ours", "<peer>", "2", "20", "0.5"} <= set(texts)


def test_the_knee_is_where_more_clients_stop_helping():
    assert knee([level(1, 500), level(2, 960), level(4, 1000), level(8, 900)]).connections == 2


def test_percentiles_are_of_all_answers():
    answers = level(1, 1, [number / 100 for number in range(100, 0, -1)])

    assert [answers.percentile(share) for share in (50, 95, 99)] == [0.51, 0.96, 1.0]


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 304 Not Modified\r\nETag: 1\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_when_its_length_is_there(received, whole):
    assert is_complete(received) is whole


def test_an_answer_without_a_length_is_refused():
    with pytest.raises(BadAnswer, match="Content-Length"):
        is_complete(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.fixture
def port() -> Iterator[int]:
    """Port of a server that answers, and closes some of the connections after it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = self.path == "/closes"
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that has enough goes without a word."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/", "/closes"])
def test_the_client_asks_again_and_again(port, path):
    latencies = ask(port, [request("GET", path, {})], connections=2, seconds=0.2, status=200)

    assert len(latencies) > 2
    assert all(0 < latency < 5 for latency in latencies)


def test_the_client_stops_at_another_status(port):
    with pytest.raises(BadAnswer, match="200 OK"):
        ask(port, [request("GET", "/", {})], connections=1, seconds=5, status=201)

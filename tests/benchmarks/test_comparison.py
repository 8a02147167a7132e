"""The services that are compared answer the same: their speed is nobody's business here."""

from contextlib import ExitStack

import pytest

from benchmarks.comparison import Disagreement, compare, refuse_disagreement
from benchmarks.subjects import BARE, OURS, PEERS, ROOT, Kind, MissingSubject, Process, running
from benchmarks.workloads import WORKLOADS

pytestmark = pytest.mark.once

SIZE = 300
BACKENDS = ("sqlite", "redis", "memory")


def on(backend: str) -> Kind:
    return Kind(backend, OURS.module, options={"backend": backend})


@pytest.fixture
def two_sizes():
    """Two services that do not hold the same records."""
    with ExitStack() as stack:
        processes = [Process(on("memory"), size, url="") for size in (SIZE, 2 * SIZE)]
        for process in processes:
            stack.callback(process.end)
            process.reset()
        yield processes


@pytest.mark.usefixtures("postgresql_server", "redis_server")
def test_all_services_and_backends_agree_on_every_workload():
    kinds = [BARE, OURS, *map(on, BACKENDS)]

    with running(kinds, SIZE) as processes:
        compared = compare(processes, WORKLOADS, rounds=1, seconds=0.001)

    assert [figures.workload.name for figures in compared] == list(WORKLOADS)
    assert all(median is not None and median > 0 for figures in compared for median in figures.medians)


def test_services_that_show_other_records_are_not_compared(two_sizes):
    with pytest.raises(Disagreement, match="walk by 100: memory answers 6 instead of 3"):
        refuse_disagreement(two_sizes, "walk by 100")


@pytest.mark.usefixtures("postgresql_server")
def test_written_records_are_gone_after_a_reset():
    with running([BARE, OURS], SIZE) as processes:
        for process in processes:
            process.ask("check", workload="POST", first=0, calls=3)

        grown = [process.ask("sample", workload="walk by 100")["records"] for process in processes]
        for process in processes:
            process.reset()
        reset = [process.ask("sample", workload="walk by 100")["records"] for process in processes]

    assert [len(records) for records in grown] == [SIZE + 3, SIZE + 3]
    assert [len(records) for records in reset] == [SIZE, SIZE]


def test_an_answer_with_another_status_ends_the_measurement(two_sizes):
    process = two_sizes[0]

    with pytest.raises(RuntimeError, match="memory has ended"):
        process.ask("check", workload="no such workload", first=0, calls=1)


def test_an_absent_peer_says_how_it_is_installed():
    absent = Kind("absent", "benchmarks.peers.absent", "no-such-environment")

    with pytest.raises(MissingSubject, match="absent is not installed: run `make bench-peers`"):
        _ = absent.python


def test_every_peer_has_a_target_that_installs_it():
    makefile = (ROOT / "Makefile").read_text("utf-8")

    missing = [peer.environment for peer in PEERS if f"PEER_{peer.environment} := " not in makefile]

    assert missing == []

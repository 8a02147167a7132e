"""What is promised about concurrent writers, on each backend, served by processes."""

import dataclasses
from pathlib import Path

import pytest

from tests.concurrency.run import PLANS, line_of, perform, run_on

pytestmark = pytest.mark.once

SECONDS = 6.0


@pytest.mark.parametrize("name", PLANS)
def test_eight_writers_find_every_promise_kept(name: str, tmp_path: Path) -> None:
    outcome = run_on(name, tmp_path, seconds=SECONDS)

    print(line_of(name, outcome))
    assert {promise: count for promise, count in outcome.broken.items() if count} == {}, outcome.details
    assert outcome.figures["acknowledged"] > 100
    assert outcome.figures["refused"] > 50
    assert min(outcome.figures[name] for name in ("increments", "races", "batches", "polls", "walks")) >= 3


def test_a_backend_that_keeps_no_promise_is_found_out() -> None:
    plan = dataclasses.replace(PLANS["memory"], whole_batches=True)

    outcome = perform({"storage_backend": "tests.concurrency.broken"}, plan, seconds=3.0)

    found = {promise for promise, count in outcome.broken.items() if count}
    assert found >= {
        "5xx",
        "unexpected answers",
        "changes missed",
        "changes lost",
        "updates lost",
        "slots created twice or lost",
        "two owners",
        "half batches",
        "skipped or repeated in pages",
    }


def test_what_a_killed_process_forgets_is_found_out() -> None:
    plan = dataclasses.replace(PLANS["memory"], lasting=True)

    outcome = perform({"storage_backend": "cliquet_like.storage.memory"}, plan, seconds=2.0)

    assert outcome.figures["unanswered"] > 0
    assert min(outcome.broken["changes lost"], outcome.broken["updates lost"]) > 0

"""What is promised about users who share records and change permissions at once, served by processes."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.concurrency.run import line_of
from tests.concurrency.sharing import PREFIX, SHARING, share_on

pytestmark = pytest.mark.once

SECONDS = 5.0
TURNS = 6
"""On a slow machine people meet less often: they are given more time."""

OFTEN = {
    "acknowledged": 100, "refused": 10, "given": 10, "taken away": 10, "deleted": 10, "batches": 10,
    "reads": 10, "looks at the tables": 10,
}  # fmt: skip
"""What has to be done more often than that for the absence of broken promises to prove anything."""


def directories(parent: Path) -> Iterator[Path]:
    """An empty directory for each turn."""
    for turn in range(TURNS):
        directory = parent / str(turn)
        directory.mkdir()
        yield directory


@pytest.mark.parametrize("name", SHARING)
def test_four_users_keep_and_lose_what_they_were_told(name: str, tmp_path: Path) -> None:
    figures: Counter[str] = Counter()

    for directory in directories(tmp_path):
        outcome = share_on(name.removeprefix(PREFIX), directory, seconds=SECONDS)
        print(line_of(name, outcome))
        assert {promise: count for promise, count in outcome.broken.items() if count} == {}, outcome.details
        figures.update(outcome.figures)
        if all(figures[what] > least for what, least in OFTEN.items()):
            break
    else:
        pytest.fail(f"too little was done to prove anything: {figures}")


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        pytest.param(
            "Careless",
            {
                "permissions without a record",
                "seen without each other",
                "used after it was taken away",
                "permissions lost",
            },
            id="decisions that are not looked at again, changes and deletions that are forgotten",
        ),
        pytest.param("Apart", {"seen without each other"}, id="a transaction for permissions alone"),
    ],
)
def test_permissions_that_keep_no_promise_are_found_out(
    variant: str, expected: set[str], tmp_path: Path
) -> None:
    backend = f"tests.concurrency.broken_permission.{variant}"
    found: set[str] = set()

    for directory in directories(tmp_path):
        outcome = share_on("postgresql", directory, seconds=4.0, permission_backend=backend)
        print(line_of(variant, outcome))
        found |= {promise for promise, count in outcome.broken.items() if count}
        if found >= expected:
            break

    assert found >= expected, outcome.details

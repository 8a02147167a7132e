"""What is promised about users who share records and change permissions at once, served by processes."""

from pathlib import Path

import pytest

from tests.concurrency.run import line_of
from tests.concurrency.sharing import PREFIX, SHARING, share_on

pytestmark = pytest.mark.once

SECONDS = 5.0
TURNS = 6
"""On a slow machine people meet less often: a broken variant is given more time to be found out."""


@pytest.mark.parametrize("name", SHARING)
def test_four_users_keep_and_lose_what_they_were_told(name: str, tmp_path: Path) -> None:
    outcome = share_on(name.removeprefix(PREFIX), tmp_path, seconds=SECONDS)

    print(line_of(name, outcome))
    assert {promise: count for promise, count in outcome.broken.items() if count} == {}, outcome.details
    assert outcome.figures["acknowledged"] > 100
    assert min(outcome.figures[name] for name in ("refused", "given", "taken away", "deleted")) > 10
    assert min(outcome.figures[name] for name in ("batches", "reads", "looks at the tables")) > 10


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

    for turn in range(TURNS):
        directory = tmp_path / str(turn)
        directory.mkdir()
        outcome = share_on("postgresql", directory, seconds=4.0, permission_backend=backend)
        print(line_of(variant, outcome))
        found |= {promise for promise, count in outcome.broken.items() if count}
        if found >= expected:
            break

    assert found >= expected, outcome.details

import pytest

from cliquet_like.drivers.database import WRITE_ATTEMPTS
from cliquet_like.drivers.errors import BackendError, TransientBackendError
from tests.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def in_the_way(times):
    return [TransientBackendError(message="deadlock") for _ in range(times)]


def test_a_write_in_the_way_of_another_is_tried_again(ledger):
    ledger.fail("run", *in_the_way(WRITE_ATTEMPTS - 1))

    ledger.add("a")

    assert ledger.lines == ["a"]


def test_not_more_often_than_that(ledger):
    ledger.fail("run", *in_the_way(WRITE_ATTEMPTS))

    with pytest.raises(TransientBackendError):
        ledger.add("a")
    ledger.add("b")

    assert ledger.lines == ["b"]


def test_a_failure_of_another_kind_is_not_tried_again(ledger):
    ledger.fail("run", BackendError(message="gone"))

    with pytest.raises(BackendError, match="gone"):
        ledger.add("a")

    assert ledger.lines == []


def test_several_statements_are_not_tried_again(ledger):
    ledger.fail("run", *in_the_way(1))

    with pytest.raises(TransientBackendError), ledger.writing() as session:
        session.run("add", ("a",))

    assert (ledger.lines, len(ledger.sessions), ledger.open_sessions) == ([], 1, 0)


def test_by_default_nobody_knows_how_far_an_index_is(ledger):
    assert ledger.index_progress() is None


def test_by_default_nobody_waits_to_make_an_index(ledger):
    with ledger.building_indexes(), ledger.building_indexes():
        ledger.add("a")

    assert ledger.lines == ["a"]

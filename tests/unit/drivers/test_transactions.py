from collections.abc import Iterator

import pytest
import transaction

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.on_demand import OnDemand
from cliquet_like.drivers.transactions import (
    follow,
    is_following,
    is_open,
    joining,
    joining_nothing,
    may_stand_alone,
    remembered,
    session_of,
    undo_what_is_left,
)
from tests.ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def manager() -> Iterator[transaction.TransactionManager]:
    manager = transaction.TransactionManager(explicit=True)
    yield manager
    assert not manager.registeredSynchs()


def test_outside_of_any_context_a_write_is_lasting_at_once(ledger, manager):
    with manager:
        ledger.add("a")
        undo_what_is_left()

    assert ledger.lines == ["a"]
    assert (ledger.sessions, is_open(), is_following(manager), remembered()) == ([], False, False, None)


def test_a_context_is_needed_to_follow_a_manager(manager):
    with pytest.raises(LookupError):
        follow(manager)


def test_a_manager_without_a_transaction_is_joined_when_it_begins_one(ledger, manager):
    with joining(manager, {"kept"}):
        before = is_open(), remembered()
        ledger.add("lasts")
        with manager:
            within = is_open(), remembered()
            ledger.add("a")
            lasting = list(ledger.lines)
        after = is_open(), remembered()

    assert (before, within, after) == ((False, None), (True, {"kept"}), (False, None))
    assert (lasting, ledger.lines) == (["lasts"], ["lasts", "a"])


def test_a_manager_may_be_told_later(ledger, manager):
    manager.begin()
    with joining():
        ledger.add("lasts")
        follow(manager)
        ledger.add("undone")
        following = is_following(manager)
    manager.abort()

    assert following
    assert ledger.lines == ["lasts"]


def test_a_context_within_another_hides_it(ledger, manager):
    manager.begin()
    with joining(manager):
        with joining():
            ledger.add("lasts")
        ledger.add("undone")
    manager.abort()

    assert ledger.lines == ["lasts"]


def test_what_was_joined_may_be_undone_from_the_context(ledger, manager):
    manager.begin()
    with joining(manager):
        ledger.add("a")
        undo_what_is_left()
        undo_what_is_left()

    assert (ledger.lines, ledger.open_sessions) == ([], 0)


def test_a_transaction_whose_commit_failed_is_joined_no_more(ledger, manager):
    ledger.fail("commit", BackendError(message="the disk is full"))

    with joining(manager):
        manager.begin()
        ledger.add("a")
        with pytest.raises(BackendError):
            manager.commit()
        ledger.add("later")
        manager.abort()

    assert ledger.lines == ["later"]


def test_a_member_that_is_asked_for_its_vote_reads_what_was_written(ledger, manager):
    class Reader:
        """It has its turn before the databases."""

        def sortKey(self) -> str:  # noqa: N802 - named by the package transaction
            return ""

        def tpc_vote(self, _transaction) -> None:
            seen.extend(ledger.listed())

        def tpc_begin(self, _transaction) -> None:
            pass

        abort = commit = tpc_finish = tpc_abort = tpc_begin

    seen: list[str] = []

    with joining(manager), manager as current:
        current.join(Reader())
        ledger.add("a")

    assert seen == ["a"]


def test_who_joins_nothing_writes_at_once_except_where_the_transaction_has_been(ledger, manager):
    other = Ledger()
    manager.begin()
    with joining(manager, set()):
        ledger.add("a")
        with joining_nothing():
            with joining_nothing():
                pass
            ledger.add("b")
            other.add("lasts")
            within = is_open(), remembered(), session_of(ledger) is not None
        after = is_open(), remembered()
    manager.abort()

    assert (within, after) == ((False, None, True), (True, set()))
    assert (ledger.lines, other.lines) == ([], ["lasts"])


def test_outside_of_any_context_joining_nothing_is_nothing_new(ledger):
    with joining_nothing():
        ledger.add("a")

    assert ledger.lines == ["a"]


@pytest.fixture
def promising():
    """Manager of a request, whose transaction nobody has needed yet."""
    environ = {}
    manager = environ["tm.manager"] = OnDemand(environ)
    manager.begin()
    return manager


def test_a_write_may_stand_alone_until_somebody_asks_for_the_transaction(ledger, promising):
    request, other = object(), object()

    with joining():
        follow(promising, ends_with=request)
        before = (may_stand_alone(request), may_stand_alone(other))
        promising.get()
        after = may_stand_alone(request)
        promising.abort()

    assert (before, after) == ((True, False), False)


def test_a_write_may_not_stand_alone_where_others_may_refuse_it(promising):
    request = object()

    with joining(promising):
        undecided = may_stand_alone(request)

    assert (may_stand_alone(request), undecided) == (False, False)


def test_a_write_may_not_stand_alone_in_a_transaction_of_another_kind(manager):
    request = object()

    with joining():
        follow(manager, ends_with=request)
        manager.begin()
        may = may_stand_alone(request)
        manager.abort()

    assert not may


def test_once_a_promise_has_ended_nothing_stands_alone(promising):
    request = object()

    with joining():
        follow(promising, ends_with=request)
        promising.commit()
        may = may_stand_alone(request)

    assert not may

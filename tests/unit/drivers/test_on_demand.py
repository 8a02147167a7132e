"""A manager whose transactions begin when somebody needs them, beside one of the package itself."""

from collections.abc import Callable
from typing import Any

import pytest
from transaction import TransactionManager
from transaction.interfaces import AlreadyInTransaction, DoomedTransaction, NoTransaction

from cliquet_like.drivers.on_demand import OnDemand
from cliquet_like.drivers.transactions import is_open, joining
from tests.ledger import Ledger


class Synch:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def newTransaction(self, _transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        self.heard.append("new")

    def beforeCompletion(self, _transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        self.heard.append("before")

    def afterCompletion(self, _transaction: Any) -> None:  # noqa: N802 - named by the package transaction
        self.heard.append("after")


class Resource:
    """Another database, which keeps what it is told to do."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def sortKey(self) -> str:  # noqa: N802 - named by the package transaction
        return "resource"

    def __getattr__(self, name: str) -> Callable[[Any], None]:
        if name not in {"abort", "tpc_begin", "commit", "tpc_vote", "tpc_finish", "tpc_abort"}:
            raise AttributeError(name)
        return lambda _: self.told.append(name)


def begun(note: str = "/path", user: str | None = None) -> OnDemand:
    """Manager whose transaction was begun as pyramid_tm does it."""
    environ: dict[str, Any] = {}
    manager = OnDemand(environ)
    environ["tm.manager"] = manager
    told = manager.begin()
    if user is not None:
        told.user = user
    told.note(note)
    return manager


def begun_at_once() -> Any:
    manager = TransactionManager(explicit=True)
    manager.begin()
    return manager


@pytest.fixture
def transactions(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """Number of transactions that were made until now."""
    caplog.set_level("DEBUG")
    return lambda: [record.message for record in caplog.records].count("new transaction")


@pytest.mark.parametrize("end", ["commit", "abort"])
def test_one_that_nobody_needs_ends_without_a_trace(end: str, transactions: Callable[[], int]) -> None:
    manager = begun()
    promised = manager.is_promised, manager.isDoomed()

    getattr(manager, end)()

    assert promised == (True, False)
    assert (manager.is_promised, transactions()) == (False, 0)


def test_whoever_asks_gets_one_transaction_with_what_was_told_of_it(transactions: Callable[[], int]) -> None:
    manager = begun("/path", "ada")

    current = manager.get()

    assert manager.get() is current
    assert (current.description, current.user, manager.is_promised) == ("/path", "ada", False)
    assert transactions() == 1


def test_what_is_told_of_it_later_is_told_to_the_transaction() -> None:
    manager = OnDemand(environ := {})
    environ["tm.manager"] = manager
    told = manager.begin()
    manager.get()

    told.user = "ada"
    told.note("/path")

    found = manager.get()
    assert (told.user, found.user, found.description) == ("ada", "ada", "/path")


def test_no_user_is_told_of_who_has_none() -> None:
    assert begun().get().user == ""


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_other_databases_join_and_commit(make: Callable[[], Any]) -> None:
    resource = Resource()
    manager = make()

    manager.get().join(resource)
    manager.commit()

    assert resource.told == ["tpc_begin", "commit", "tpc_vote", "tpc_finish"]


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_a_doomed_one_cannot_be_committed(make: Callable[[], Any]) -> None:
    manager = make()

    manager.doom()

    assert manager.isDoomed()
    with pytest.raises(DoomedTransaction):
        manager.commit()
    manager.abort()


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_hooks_run(make: Callable[[], Any]) -> None:
    seen: list[Any] = []
    manager = make()

    manager.get().addBeforeCommitHook(seen.append, ("before",))
    manager.get().addAfterCommitHook(seen.append)
    manager.commit()

    assert seen == ["before", True]


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_a_savepoint_undoes_what_joined_after_it(make: Callable[[], Any]) -> None:
    resource = Resource()
    manager = make()

    savepoint = manager.savepoint()
    manager.get().join(resource)
    savepoint.rollback()
    manager.commit()

    assert resource.told == ["abort"]


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_a_synchronizer_hears_of_all(make: Callable[[], Any]) -> None:
    synch = Synch()
    manager = make()

    manager.registerSynch(synch)
    manager.commit()
    registered = manager.registeredSynchs()
    manager.unregisterSynch(synch)

    assert synch.heard == ["new", "before", "after"]
    assert (registered, manager.registeredSynchs()) == (True, False)


@pytest.mark.parametrize("make", [begun, begun_at_once])
def test_one_is_not_begun_within_another(make: Callable[[], Any]) -> None:
    manager = make()

    with pytest.raises(AlreadyInTransaction):
        manager.begin()

    manager.abort()


@pytest.mark.parametrize("make", [begun, begun_at_once])
@pytest.mark.parametrize("method", ["get", "commit", "abort", "doom", "savepoint", "isDoomed"])
def test_after_the_end_there_is_none(method: str, make: Callable[[], Any]) -> None:
    manager = make()
    manager.commit()

    with pytest.raises(NoTransaction):
        getattr(manager, method)()


def test_the_next_one_begins_at_once() -> None:
    manager = begun()
    manager.commit()

    current = manager.begin()

    assert manager.get() is current
    manager.abort()


def test_one_that_somebody_else_begins_is_there_at_once(transactions: Callable[[], int]) -> None:
    manager = OnDemand({})

    with manager as current:
        assert manager.get() is current

    assert (transactions(), manager.explicit) == (1, True)


def test_who_registered_before_it_began_hears_of_it() -> None:
    environ: dict[str, Any] = {}
    environ["tm.manager"] = manager = OnDemand(environ)
    synch = Synch()
    manager.registerSynch(synch)

    manager.begin()

    assert (synch.heard, manager.is_promised) == (["new"], False)
    manager.abort()


def test_what_it_does_not_have_is_missing() -> None:
    with pytest.raises(AttributeError, match="color"):
        OnDemand({}).color  # noqa: B018 - to look is all


# Databases of ours


def test_a_write_joins_what_is_promised(transactions: Callable[[], int]) -> None:
    ledger = Ledger()
    manager = begun()

    with joining(manager):
        before = is_open(), transactions()
        ledger.add("a")
        lasting = list(ledger.lines)
        manager.commit()
        after = is_open()
        ledger.add("lasts")

    assert (before, after, lasting) == ((True, 0), False, [])
    assert (ledger.lines, transactions()) == (["a", "lasts"], 1)
    assert not manager.registeredSynchs()


def test_it_joins_the_one_that_is_begun_after_one_that_nobody_needed() -> None:
    ledger = Ledger()
    manager = begun()

    with joining(manager):
        manager.commit()
        ledger.add("lasts")
        manager.begin()
        ledger.add("undone")
        manager.abort()

    assert ledger.lines == ["lasts"]


def test_it_joins_what_another_one_needed_first() -> None:
    ledger = Ledger()
    manager = begun()

    with joining(manager):
        manager.get().addAfterCommitHook(lambda _: ledger.add("after"))
        ledger.add("a")
        lasting = list(ledger.lines)
        manager.commit()

    assert (lasting, ledger.lines) == ([], ["a", "after"])


def test_a_context_that_was_left_is_joined_no_more() -> None:
    ledger = Ledger()
    manager = begun()

    with joining(manager):
        pass
    ledger.add("lasts")
    manager.get()
    manager.abort()

    assert ledger.lines == ["lasts"]
    assert not manager.registeredSynchs()


def test_a_context_may_come_when_it_is_there_already() -> None:
    ledger = Ledger()
    manager = begun()
    manager.get()

    with joining(manager):
        ledger.add("undone")
        manager.abort()

    assert ledger.lines == []

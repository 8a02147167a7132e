import pytest
import transaction

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.guard import BackendPing
from cliquet_like.drivers.transactions import is_open, joining
from tests.ledger import Ledger


def test_a_probe_that_returns_is_alive(caplog):
    requests = []
    ping = BackendPing(requests.append, name="storage")

    alive = ping("the request")

    assert alive is True
    assert requests == ["the request"]
    assert caplog.records == []


@pytest.mark.parametrize(
    "failure", [BackendError(ConnectionError("nobody listens")), ZeroDivisionError()], ids=repr
)
def test_a_probe_that_raises_is_logged_and_is_not_alive(caplog, failure):
    def probe(request):
        raise failure

    alive = BackendPing(probe, name="storage")(None)

    assert alive is False
    (entry,) = caplog.records
    assert entry.levelname == "ERROR"
    assert "heartbeat failed " in entry.getMessage()
    assert "storage" in entry.getMessage()
    assert entry.exc_info[1] is failure


def test_a_probe_begins_nothing_in_a_transaction():
    ledger = Ledger()
    ping = BackendPing(lambda request: ledger.add("alive"), name="storage")
    manager = transaction.TransactionManager(explicit=True)

    with manager, joining(manager):
        alive = ping(None)
        open_afterwards = is_open()
        lasting = list(ledger.lines)

    assert (alive, open_afterwards, lasting) == (True, True, ["alive"])


def test_what_stops_the_process_is_not_swallowed():
    def probe(request):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        BackendPing(probe, name="storage")(None)


def test_the_text_of_a_backend_error_is_its_message_or_the_original():
    assert str(BackendError()) == ""
    assert str(BackendError(message="gone")) == "gone"
    assert str(BackendError(ConnectionError("gone"))) == "ConnectionError: gone"
    assert str(BackendError(ConnectionError("gone"), message="away")) == "away"

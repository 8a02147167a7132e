"""Heartbeats that are proven by one statement for all backends of a database."""

import threading
import time
from contextlib import nullcontext

import pytest
from pyramid.registry import Registry
from pyramid.request import Request

from cliquet_like.cache import heartbeat as cache_heartbeat
from cliquet_like.cache import memory
from cliquet_like.cache.postgresql import Cache
from cliquet_like.drivers.database import Hold
from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.permission import heartbeat as permission_heartbeat
from cliquet_like.permission.sqlite import Permission
from cliquet_like.views.proving import Proving, joined
from tests.ledger import Ledger

LONG_S = 60
TOO_LARGE_A_STACK = 2**46
STORAGE = (FixedStatement("write a"), {"a": 1})
CACHE = (FixedStatement("write b"), {"b": 2})
TOGETHER = (
    "WITH proof_0 AS (write a), proof_1 AS (write b) "
    "SELECT EXISTS (SELECT FROM proof_0), EXISTS (SELECT FROM proof_1)"
)


class Held(Hold):
    """It keeps what is written and answers these counts; it may fail, or hang until it is interrupted."""

    def __init__(self, *counts, fails=False, hangs=False):
        self.counts, self.fails, self.hangs = counts, fails, hangs
        self.written = []
        self.interrupted = threading.Event()

    def write(self, statement, values):
        assert not self.hangs or self.interrupted.wait(LONG_S)
        if self.fails or self.hangs:
            raise BackendError(message="failed")
        self.written.append((statement, values))
        return [self.counts]

    def interrupt(self):
        self.interrupted.set()


class HeldLedger(Ledger):
    """A database with this hold."""

    def __init__(self, held=None):
        super().__init__()
        self.held = held

    def hold(self):
        return nullcontext(self.held)


def proven(proofs, *, timeout_s=LONG_S, patience_s=LONG_S, impatient=print, proving=None):
    joint = [joined(database, own) for database, own in proofs.items()]
    return (proving or Proving()).proven(
        joint, deadline_s=time.monotonic() + timeout_s, patience_s=patience_s, impatient=impatient
    )


def request(**settings):
    made = Request.blank("/")
    made.registry = Registry()
    made.registry.settings = settings
    return made


def proofs_of(pings, *, proving=None, **settings):
    """Names of those that may be proven, by database."""
    proofs = (proving or Proving()).proofs_of(pings, request(**settings))
    assert proofs.names == {name for proof in proofs.joint for name in proof.names}
    return {proof.database: proof.names for proof in proofs.joint}


def test_the_statements_of_a_database_are_sent_as_one():
    held = Held(1, 1)

    names = proven({HeldLedger(held): {"storage": STORAGE, "cache": CACHE}})

    assert names == {"storage", "cache"}
    assert held.written == [(TOGETHER, {"a": 1, "b": 2})]


def test_one_that_has_written_nothing_has_to_be_asked():
    assert proven({HeldLedger(Held(0, 1)): {"storage": STORAGE, "cache": CACHE}}) == {"cache"}


def test_when_one_fails_all_of_its_database_have_to_be_asked():
    broken, well = Held(fails=True), Held(1)
    proofs = {HeldLedger(broken): {"storage": STORAGE, "cache": CACHE}, HeldLedger(well): {"other": CACHE}}

    assert proven(proofs) == {"other"}


def test_a_database_that_nobody_can_hold_proves_nothing():
    assert proven({HeldLedger(): {"storage": STORAGE}, Ledger(): {"cache": CACHE}}) == set()


def test_one_that_hangs_is_interrupted_at_the_deadline_and_others_are_asked_before():
    held, asked = Held(hangs=True), threading.Event()
    began_s = time.monotonic()

    names = proven({HeldLedger(held): {"cache": CACHE}}, timeout_s=0.3, patience_s=0.05, impatient=asked.set)
    took_s = time.monotonic() - began_s

    assert names == set()
    assert asked.is_set()
    assert 0.3 <= took_s < LONG_S / 2


def test_one_that_is_quick_makes_nobody_impatient():
    calls, proving = [], Proving()

    for _ in range(100):
        proven(
            {HeldLedger(Held(1)): {"cache": CACHE}},
            patience_s=LONG_S,
            impatient=lambda: calls.append(1),
            proving=proving,
        )

    assert calls == []


def test_without_a_thread_that_could_interrupt_it_nothing_is_sent():
    held = Held(1)
    usual = threading.stack_size(TOO_LARGE_A_STACK)
    try:
        names = proven({HeldLedger(held): {"cache": CACHE}})
    finally:
        threading.stack_size(usual)

    assert (names, held.written) == (set(), [])


def test_with_nothing_to_prove_nobody_watches():
    before = set(threading.enumerate())

    assert proven({}) == set()

    assert set(threading.enumerate()) - before == set()


def test_backends_that_share_a_database_are_found_together_and_others_apart():
    shared, other = Ledger(), Ledger()
    pings = {
        "cache": cache_heartbeat(Cache(shared)),
        "permission": permission_heartbeat(Permission(shared)),
        "second": cache_heartbeat(Cache(other)),
    }

    assert proofs_of(pings) == {shared: ["cache", "permission"], other: ["second"]}


class Changed(Cache):
    """Somebody else's: nobody knows what else its heartbeat waits for."""


@pytest.mark.parametrize(
    "ping",
    [
        cache_heartbeat(Changed(Ledger())),
        cache_heartbeat(memory.Cache()),
        cache_heartbeat(Cache(Ledger(), cache_prefix="\0")),
        lambda request: True,
    ],
    ids=["a subclass", "a backend without a database", "one that cannot write", "an application's own"],
)
def test_what_is_not_ours_or_has_nothing_to_write_is_asked(ping):
    pings = {"it": ping, "cache": cache_heartbeat(Cache(Ledger()))}

    assert [*proofs_of(pings).values()] == [["cache"]]


@pytest.mark.parametrize("readonly", [True, "true"])
def test_where_all_only_read_nothing_is_written_for_a_proof(readonly):
    pings, proving = {"cache": cache_heartbeat(Cache(Ledger()))}, Proving()

    found = [proofs_of(pings, proving=proving, **settings) for settings in ({}, {"readonly": readonly}, {})]

    assert [bool(each) for each in found] == [True, False, True]


def test_the_same_heartbeats_are_put_together_once():
    pings, proving = {"cache": cache_heartbeat(Cache(Ledger()))}, Proving()

    first, again = (proving.proofs_of(dict(pings), request()) for _ in range(2))

    assert again is first


def test_heartbeats_that_are_others_than_before_are_put_together_anew():
    one, other, proving = Ledger(), Ledger(), Proving()
    first, second = cache_heartbeat(Cache(one)), cache_heartbeat(Cache(other))
    states = [
        {"cache": first},
        {"cache": second},
        {"renamed": second},
        {"renamed": second, "mail": print},
        {"mail": print},
        {},
    ]

    found = [proofs_of(pings, proving=proving) for pings in states]

    assert found == [
        {one: ["cache"]},
        {other: ["cache"]},
        {other: ["renamed"]},
        {other: ["renamed"]},
        {},
        {},
    ]


def test_a_database_whose_turn_comes_after_the_deadline_is_left_in_peace():
    first, second = HeldLedger(Held(hangs=True)), HeldLedger(Held(1))

    names = proven({first: {"storage": STORAGE}, second: {"cache": CACHE}}, timeout_s=0.02)

    assert names == set()
    assert second.held.written == []
    assert not second.held.interrupted.is_set()

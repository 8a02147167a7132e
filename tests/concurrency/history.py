"""What may have happened to a record: its acknowledged writes in the order of their timestamps, replayed."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, permutations
from typing import Any, Final

Permissions = Mapping[str, frozenset[str]]
State = Permissions | None
"""Permissions of a record; None while there is no record."""

AHEAD_MS: Final = 100
"""How far a collection's clock may be before ours: a bulk deletion takes a millisecond a record."""
DOUBT_MS: Final = 2000
"""How long what was not answered may be seen by readers, before others have written over it."""

TAKEN: Final = "used after it was taken away"
TWICE: Final = "created twice"
GONE: Final = "changed when it was gone"
LOST: Final = "permissions lost"
FAULTS: Final = (TAKEN, TWICE, GONE, LOST, "timestamps given twice")


class Impossible(Exception):
    """No such write can have taken place then; the text is one of :data:`FAULTS`."""


@dataclass(frozen=True)
class Write:
    """A write to one record: ``create``, ``replace``, ``put`` (either of them), ``change``, ``delete``,
    and ``delete among others`` for what the deletion of the collection has taken.
    """

    kind: str
    user: str
    sent: Permissions | None = None


@dataclass(frozen=True)
class Step:
    """An acknowledged write, and the permissions that its answer tells."""

    stamp: int
    write: Write
    answered: State


@dataclass(frozen=True)
class Doubt:
    """A write of which nobody knows whether it took place; it was sent at a time (ms)."""

    write: Write
    sent_at: int


@dataclass(frozen=True)
class Look:
    """What an answer says of a record as it was at some moment of the request.

    ``since`` is the last timestamp that somebody had been told when it was sent, ``until`` the time
    (ms) of the answer. ``claim`` is ``read``, ``listed``, ``no read``, ``no write`` or ``none``.
    """

    claim: str
    user: str
    since: int
    until: int
    stamp: int = 0
    permissions: State = None


def permissions_of(sent: Mapping[str, Iterable[str]]) -> Permissions:
    """Permissions without those that nobody has."""
    return {name: frozenset(principals) for name, principals in sorted(sent.items()) if principals}


def may(user: str, name: str, state: State) -> bool:
    """Whether the user has a permission; who may write may read."""
    names = {name, "write"}
    return state is not None and any(user in state.get(held, ()) for held in names)


def after(state: State, write: Write) -> State:
    """State of a record after a write. Raises :class:`Impossible`."""
    given = write.sent or {}
    if state is None:
        if write.kind not in ("create", "put"):
            raise Impossible(GONE)
        return _with_writer(given, write.user)
    if write.kind == "create":
        raise Impossible(TWICE)
    if not may(write.user, "write", state):
        raise Impossible(TAKEN)
    if write.kind.startswith("delete"):
        return None
    is_whole = write.sent is not None and write.kind in ("replace", "put")
    return _with_writer(given if is_whole else {**state, **given}, write.user)


def _with_writer(permissions: Permissions, user: str) -> Permissions:
    return permissions_of({**permissions, "write": {*permissions.get("write", ()), user}})


@dataclass
class History:
    """All states that a record had, and what could not be explained."""

    stamps: list[int] = field(default_factory=lambda: [0])
    states: list[State] = field(default_factory=lambda: [None])
    doubts: list[Doubt] = field(default_factory=list)
    unused: list[Doubt] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    details: list[str] = field(default_factory=list)
    moves: Counter[str] = field(default_factory=Counter)
    """How often a step gave somebody a permission, and how often it took one away."""

    def add(self, step: Step) -> None:
        """Go on by an acknowledged write."""
        before = self.states[-1]
        if step.stamp <= self.stamps[-1]:
            self.faults["timestamps given twice"] += 1
        guessed = self._guess(step.answered, step.write)
        if guessed is None:
            fault = _fault_of(before, step.write)
            self.faults[fault] += 1
            self.details.append(f"{fault}: {before} -> {step}")
        for state in (*(guessed or ()), step.answered):
            self.stamps.append(step.stamp)
            self.states.append(state)
        if before is not None and step.answered is not None:
            self.moves["taken away"] += bool(_pairs(before) - _pairs(step.answered))
            self.moves["given"] += bool(_pairs(step.answered) - _pairs(before))

    def ends_as(self, found: State) -> bool:
        """Whether a state that was found at the end is the last one, or explained by what is in doubt."""
        return self.states[-1] == found or self._guess(found) is not None

    def is_explained(self, look: Look) -> bool | None:
        """Whether the record was once, in the time of the look, as that says; None where that is in doubt."""
        first = bisect_right(self.stamps, look.since) - 1
        last = bisect_right(self.stamps, look.until + AHEAD_MS)
        if any(_fits(look, state) for state in self.states[first:last]):
            return True
        in_doubt = any(
            doubt.sent_at <= look.until and look.since < doubt.sent_at + DOUBT_MS for doubt in self.doubts
        )
        return None if in_doubt else False

    def state_at(self, stamp: int) -> State:
        """State from a timestamp on."""
        return self.states[bisect_right(self.stamps, stamp) - 1]

    def _guess(self, wanted: State, *write: Write) -> Sequence[State] | None:
        """States between the last one and a wanted one, by as few writes in doubt as possible."""
        for guess in chain.from_iterable(permutations(self.unused, count) for count in range(3)):
            states = _states_after(self.states[-1], [*(doubt.write for doubt in guess), *write])
            if states and states[-1] == wanted:
                self.unused = [doubt for doubt in self.unused if doubt not in guess]
                return states[:-1]
        return None


def replay(steps: Iterable[Step], doubts: Iterable[Doubt]) -> History:
    """History of a record from its acknowledged writes, in any order."""
    known = list(doubts)
    history = History(doubts=known, unused=list(known))
    for step in sorted(steps, key=lambda step: step.stamp):
        history.add(step)
    return history


def _states_after(state: State, writes: Sequence[Write]) -> list[State]:
    """States after each of the writes, none when one of them is impossible."""
    states: list[State] = []
    for write in writes:
        try:
            state = after(state, write)
        except Impossible:
            return []
        states.append(state)
    return states


def _fault_of(state: State, write: Write) -> str:
    try:
        after(state, write)
    except Impossible as reason:
        return str(reason)
    return LOST


def _fits(look: Look, state: State) -> bool:
    claims: dict[str, Any] = {
        "read": state == look.permissions and may(look.user, "read", state),
        "listed": may(look.user, "read", state),
        "no read": not may(look.user, "read", state),
        "no write": not may(look.user, "write", state),
        "none": state is None,
    }
    return bool(claims[look.claim])


def _pairs(permissions: Permissions) -> set[tuple[str, str]]:
    return {(name, principal) for name, principals in permissions.items() for principal in principals}

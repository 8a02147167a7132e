"""The replay of what users were told: each fault is found, and what was not answered explains what it can."""

import pytest

from tests.concurrency.history import Doubt, Look, Step, Write, permissions_of, replay

MINE = permissions_of({"write": ["ada"]})
SHARED = permissions_of({"write": ["ada", "bob"]})
BOTH = permissions_of({"read": ["cem"], "write": ["ada", "bob"]})

CREATED = Step(10, Write("create", "ada"), MINE)
GIVEN = Step(20, Write("change", "ada", SHARED), SHARED)
TAKEN = Step(30, Write("change", "ada", {"write": frozenset()}), MINE)
DELETED = Step(40, Write("delete", "ada"), None)


def test_a_life_in_order_has_no_fault() -> None:
    steps = [DELETED, TAKEN, GIVEN, CREATED]

    history = replay(steps, [])

    assert history.faults == {}
    assert history.states == [None, MINE, SHARED, MINE, None]
    assert history.moves == {"given": 1, "taken away": 1}
    assert history.ends_as(None)
    assert not history.ends_as(MINE)


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([CREATED, GIVEN, TAKEN, Step(35, Write("change", "bob"), SHARED)], "used after it was taken away"),
        ([CREATED, Step(15, Write("delete among others", "bob"), None)], "used after it was taken away"),
        ([CREATED, Step(15, Write("replace", "bob"), SHARED)], "used after it was taken away"),
        ([CREATED, Step(15, Write("create", "bob"), permissions_of({"write": ["bob"]}))], "created twice"),
        ([Step(5, Write("replace", "ada"), MINE)], "changed when it was gone"),
        ([CREATED, DELETED, Step(45, Write("change", "ada"), MINE)], "changed when it was gone"),
        ([CREATED, DELETED, Step(45, Write("delete", "ada"), None)], "changed when it was gone"),
        ([CREATED, GIVEN, Step(25, Write("change", "bob", {"read": frozenset({"cem"})}), MINE)],
         "permissions lost"),
        ([CREATED, Step(15, Write("change", "ada"), SHARED)], "permissions lost"),
        ([CREATED, Step(10, Write("change", "ada"), MINE)], "timestamps given twice"),
    ],
)  # fmt: skip
def test_what_cannot_have_happened_is_a_fault(steps: list[Step], fault: str) -> None:
    history = replay(steps, [])

    assert history.faults == {fault: 1}


def test_a_change_leaves_other_permissions_and_a_replacement_takes_them() -> None:
    change = Step(25, Write("change", "bob", {"read": frozenset({"cem"})}), BOTH)
    silent = Step(26, Write("replace", "bob"), BOTH)
    replacement = Step(27, Write("replace", "ada", {"read": frozenset()}), MINE)

    history = replay([CREATED, GIVEN, change, silent, replacement], [])

    assert history.faults == {}


def test_what_was_not_answered_explains_what_came_after_it() -> None:
    doubt = Doubt(GIVEN.write, 12)
    used = Step(25, Write("change", "bob"), SHARED)

    history = replay([CREATED, used], [doubt])

    assert history.faults == {}
    assert history.states == [None, MINE, SHARED, SHARED]
    assert history.unused == []


def test_what_was_not_answered_explains_only_once() -> None:
    again = Step(35, Write("change", "bob"), SHARED)

    history = replay(
        [CREATED, Step(25, Write("change", "bob"), SHARED), TAKEN, again], [Doubt(GIVEN.write, 12)]
    )

    assert history.faults == {"used after it was taken away": 1}


def test_what_was_not_answered_explains_the_end() -> None:
    history = replay([CREATED], [Doubt(DELETED.write, 12)])

    assert history.ends_as(None)
    assert not history.ends_as(SHARED)


@pytest.mark.parametrize(
    ("look", "explained"),
    [
        (Look("read", "ada", 10, 15, 10, MINE), True),
        (Look("read", "bob", 10, 1000, 20, SHARED), True),
        (Look("read", "ada", 30, 1000, 30, SHARED), False),
        (Look("read", "bob", 30, 1000, 30, MINE), False),
        (Look("listed", "bob", 30, 1000, 30), False),
        (Look("listed", "bob", 10, 1000, 20), True),
        (Look("no write", "bob", 30, 1000), True),
        (Look("no write", "ada", 10, 1000), False),
        (Look("no read", "ada", 10, 1000), False),
        (Look("none", "ada", 0, 1000), True),
        (Look("none", "ada", 10, 1000), False),
    ],
)
def test_an_answer_is_explained_by_a_moment_of_its_request(look: Look, explained: bool) -> None:
    history = replay([CREATED, GIVEN, TAKEN], [])

    found = history.is_explained(look)

    assert found is explained


def test_an_answer_beside_what_was_not_answered_is_in_doubt() -> None:
    history = replay([CREATED], [Doubt(DELETED.write, 500)])

    found = history.is_explained(Look("none", "ada", 10, 1000))

    assert found is None

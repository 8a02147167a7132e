"""Every backend answers as memory does: exhaustively on values that confuse, and at random."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from cliquet_like.storage import memory
from cliquet_like.storage.matching import field_getter, page_rules, with_tie_breaker
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Record, Sort
from cliquet_like.testing import FrozenClock
from tests.contracts import backends
from tests.contracts.agreement.comparison import Pair, is_same
from tests.contracts.agreement.machine import Agreement
from tests.contracts.agreement.values import FIELDS, LISTED, NAMES, SINGLE, VALUES

# The contracts cover the same lines; counting each pass through them took three times as long.
pytestmark = [pytest.mark.once, pytest.mark.usefixtures("uncounted")]

OTHERS = [name for name in backends.NAMES if name != "memory"]
SHELF = "books", "alice"
MAX_FETCH_SIZE = 25
EXAMPLES = 40
EXAMPLES_OF_BROKEN = 600
PROMISED = ("UnicityError", "ModifiedMeanwhileError", "RecordNotFoundError")


@contextmanager
def paired(name: str, directory: Path, clock: FrozenClock, max_fetch_size: int) -> Iterator[Pair]:
    """Memory and the named backend, both empty."""
    with (
        backends.new_settings(name, directory) as made,
        backends.opened(name, made, clock=clock, max_fetch_size=max_fetch_size) as other,
    ):
        yield Pair(memory.Storage(clock=clock, max_fetch_size=max_fetch_size), other)


def fill(pair: Pair) -> None:
    """Records with each value, at two depths, with each name of a field, and some tombstones."""
    for number, value in enumerate(VALUES):
        record = {"id": f"v{number:03}", "a": value, "b": {"x": value}, "last_modified": 1000 + number // 3}
        pair.call("create", *SHELF, record)
    for number, name in enumerate(NAMES):
        pair.call("create", *SHELF, {"id": f"n{number:03}", name: number, "o": {name: "inside"}})
    for number in (0, 5, 9):
        pair.call("delete", *SHELF, f"v{number:03}")


@pytest.fixture(scope="class", params=OTHERS)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Memory and a backend with the same records; the tests of the class only read."""
    directory = tmp_path_factory.mktemp("agreement")
    with paired(request.param, directory, FrozenClock(), max_fetch_size=10_000) as pair:
        fill(pair)
        yield pair


class TestEachValue:
    def test_comes_back_as_it_was_stored(self, filled: Pair) -> None:
        listed, total = filled.call("get_all", *SHELF, include_deleted=True)

        assert len(listed) == len(VALUES) + len(NAMES)
        assert total == len(listed) - 3

    def test_is_a_number_of_the_same_type(self, filled: Pair) -> None:
        records = filled.other.get_all(*SHELF, filters=[Filter("id", "v", COMPARISON.GT)])[0]

        stored = {record["id"]: record["a"] for record in records}
        kinds = {object_id: (type(value), VALUES[int(object_id[1:])]) for object_id, value in stored.items()}

        assert [object_id for object_id, (kind, value) in kinds.items() if kind is not type(value)] == []

    @pytest.mark.parametrize("operator", SINGLE)
    @pytest.mark.parametrize("field", ["a", "b.x", "b", "a.x"])
    def test_is_found_by_each_operator(self, filled: Pair, operator: COMPARISON, field: str) -> None:
        for value in VALUES:
            filled.call("get_all", *SHELF, filters=[Filter(field, value, operator)])

    @pytest.mark.parametrize("operator", LISTED)
    def test_is_found_among_others(self, filled: Pair, operator: COMPARISON) -> None:
        filled.call("get_all", *SHELF, filters=[Filter("a", [], operator)])

        for one, other in pairwise([*VALUES, VALUES[0]]):
            filled.call("get_all", *SHELF, filters=[Filter("a", [one, other], operator)])

    @pytest.mark.parametrize("operator", SINGLE)
    @pytest.mark.parametrize("field", ["last_modified", "id", "deleted"])
    def test_is_compared_with_our_own_fields(self, filled: Pair, operator: COMPARISON, field: str) -> None:
        for value in VALUES:
            filled.call("get_all", *SHELF, filters=[Filter(field, value, operator)], include_deleted=True)

    @pytest.mark.parametrize("operator", SINGLE)
    def test_is_a_place_where_a_page_begins(self, filled: Pair, operator: COMPARISON) -> None:
        for value in (MISSING, *VALUES):
            filled.call("get_all", *SHELF, pagination_rules=[[Filter("a", value, operator)]])


class TestEachField:
    def test_is_read_by_its_name(self, filled: Pair) -> None:
        for field in (*FIELDS, *(f"o.{name}" for name in NAMES)):
            for value in (0, 1, 7, "inside", None):
                filled.call("get_all", *SHELF, filters=[Filter(field, value, COMPARISON.NOT)])

    def test_is_a_sort_key(self, filled: Pair) -> None:
        for field in (*FIELDS, *(f"o.{name}" for name in NAMES)):
            for direction in (1, -1):
                filled.call("get_all", *SHELF, sorting=[Sort(field, direction)], include_deleted=True)

    @pytest.mark.parametrize("direction", [1, -1])
    @pytest.mark.parametrize("field", ["a", "b.x", "last_modified", "deleted"])
    def test_is_walked_in_pages_that_join_to_the_list(self, filled: Pair, field: str, direction: int) -> None:
        sorting = [Sort(field, direction)]
        listed, _ = filled.call("get_all", *SHELF, sorting=sorting, include_deleted=True)

        walked = walk(filled, sorting, limit=7)

        assert is_same(walked, listed)


def walk(pair: Pair, sorting: list[Sort], *, limit: int) -> list[Record]:
    keys = with_tie_breaker(sorting, "id")
    walked: list[Record] = []
    rules: Any = None
    for _ in range(len(VALUES) + len(NAMES)):
        page, _total = pair.call(
            "get_all", *SHELF, sorting=sorting, pagination_rules=rules, limit=limit, include_deleted=True
        )
        walked += page
        if len(page) < limit:
            break
        rules = page_rules(keys, {key.field: field_getter(key.field)(page[-1]) for key in keys})
    return walked


@pytest.mark.parametrize("name", OTHERS)
def test_each_value_is_unique_among_the_same_values(name: str, tmp_path: Path) -> None:
    with paired(name, tmp_path, FrozenClock(), MAX_FETCH_SIZE) as pair:
        for number, value in enumerate(VALUES):
            pair.call("create", *SHELF, {"id": f"v{number:03}", "a": value, "b": {"x": [value]}})
        pair.seen.clear()

        for value in VALUES:
            pair.call("create", *SHELF, {"id": "new", "a": value}, unique_fields=["a"])
            pair.call("update", *SHELF, "other", {"b": {"x": [value]}}, unique_fields=["c", "b.x"])

        assert pair.seen["UnicityError"] == 2 * len(VALUES) - 1  # null claims nothing


def agree_at_random(pair: Pair, clock: FrozenClock, *, is_broken: bool = False) -> None:
    """Run the machine. Raises ``AssertionError`` with the steps, few of them.

    For one that is broken on purpose it takes the first steps that are found, and looks longer.
    """
    machine = type("Run", (Agreement,), {"pair": pair, "clock": clock})
    budget = settings(
        max_examples=EXAMPLES_OF_BROKEN if is_broken else EXAMPLES,
        stateful_step_count=40,
        phases=[Phase.generate] if is_broken else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine, settings=budget)


@pytest.mark.parametrize("name", OTHERS)
def test_random_operations_have_the_same_outcomes(name: str, tmp_path: Path) -> None:
    clock = FrozenClock()

    with paired(name, tmp_path, clock, MAX_FETCH_SIZE) as pair:
        agree_at_random(pair, clock)

    assert min(pair.seen.get(kind, 0) for kind in PROMISED) >= 20, pair.seen


class OneByOne(memory.Storage):
    """Takes a text of digits for a number."""

    def get_all(self, *args: Any, **kwargs: Any) -> Any:
        filters = [
            Filter(field, 1 if value == "1" else value, operator)
            for field, value, operator in kwargs.get("filters") or ()
        ]
        return super().get_all(*args, **{**kwargs, "filters": filters})


class Forgetful(memory.Storage):
    """Leaves no tombstone."""

    def delete(self, *args: Any, **kwargs: Any) -> Record:
        return super().delete(*args, **{**kwargs, "with_deleted": False})


class Careless(memory.Storage):
    """Looks for no owner of a unique value."""

    def update(self, *args: Any, **kwargs: Any) -> Record:
        return super().update(*args, **{**kwargs, "unique_fields": None})


class Hasty(memory.Storage):
    """Expects nothing."""

    def delete_all(self, *args: Any, **kwargs: Any) -> list[Record]:
        return super().delete_all(*args, **{**kwargs, "expected": None})


@pytest.mark.parametrize("broken", [OneByOne, Forgetful, Careless, Hasty])
def test_a_broken_rule_is_found(broken: type[memory.Storage]) -> None:
    clock = FrozenClock()
    one, other = (made(clock=clock, max_fetch_size=MAX_FETCH_SIZE) for made in (memory.Storage, broken))
    pair = Pair(one, other)

    with pytest.raises(AssertionError, match="The backends differ"):
        agree_at_random(pair, clock, is_broken=True)

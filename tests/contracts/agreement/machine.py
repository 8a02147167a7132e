"""Random operations and queries on two backends at once."""

from typing import Any, ClassVar, Final

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cliquet_like.storage.matching import field_getter, page_rules, with_tie_breaker
from cliquet_like.storage.query import ABSENT, Filter, Record, Sort
from cliquet_like.testing import FrozenClock
from tests.contracts.agreement import values as v
from tests.contracts.agreement.comparison import Pair, is_same

START_MS: Final = 1_700_000_000_000

DEFAULT_NAMES: Final = {"id_field": "id", "modified_field": "last_modified", "deleted_field": "deleted"}
OTHER_NAMES: Final = {"id_field": "uid", "modified_field": "at", "deleted_field": "gone"}

SHELVES: Final = [
    *[("books", "alice", DEFAULT_NAMES)] * 12,
    ("books", "bob", DEFAULT_NAMES),
    ("films", "alice", DEFAULT_NAMES),
    ("films:x", "é'\U0001f600 %s}", DEFAULT_NAMES),
    *[("odd", "alice", OTHER_NAMES)] * 2,
]
shelves: Final = st.sampled_from(SHELVES)
expectations: Final = st.sampled_from([None] * 8 + ["right", "right", "absent", "wrong", "newer"])

Shelf = tuple[str, str, dict[str, str]]


def _names(shelf: Shelf, *, deleted: bool = True) -> dict[str, str]:
    names = dict(shelf[2])
    if not deleted:
        del names["deleted_field"]
    return names


class Agreement(RuleBasedStateMachine):
    """Whatever is done to memory and to another backend, they answer alike.

    Subclass it with the ``pair``, and the ``clock`` that both have.
    """

    pair: ClassVar[Pair]
    clock: ClassVar[FrozenClock]

    def __init__(self) -> None:
        super().__init__()
        self.clock.now_ms = START_MS
        self.pair.call("flush")
        self.made = 0
        self.agreed = True

    def ask(self, method: str, shelf: Shelf, *args: Any, **kwargs: Any) -> Any:
        """Ask both, and note for the statistics how it went."""
        self.agreed = False
        answer = self.pair.call(method, shelf[0], shelf[1], *args, **kwargs)
        self.agreed = True
        event(f"{method}: {answer[0] if isinstance(answer, tuple) else 'done'}")
        return answer

    def expected_of(self, shelf: Shelf, wish: str | None, object_id: str | None = None) -> Any:
        """Timestamp of a record, or of the collection, as a caller would expect it."""
        if wish is None or wish == "absent":
            return ABSENT if wish and object_id is not None else None
        if wish == "wrong":
            return 1000
        if object_id is None:
            current = self.ask("collection_timestamp", shelf)
        else:
            found = self.ask("get", shelf, object_id, **_names(shelf, deleted=False))
            current = found[shelf[2]["modified_field"]] if isinstance(found, dict) else 1
        return current + 1 if wish == "newer" else current

    @initialize(bodies=st.lists(v.bodies, min_size=6, max_size=9))
    def stock(self, bodies: list[Record]) -> None:
        for object_id, body in zip(v.IDS, bodies, strict=False):
            self.update(SHELVES[0], object_id, body, None, [], None)
            self.update(SHELVES[-1], object_id, body, None, [], None)

    @rule(ms=st.sampled_from([0, 1, 2, 7, 1000, -3]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)

    @rule(
        shelf=shelves, body=v.bodies, given=st.none() | v.ids, time=v.times, unique=v.own_fields,
        wish=expectations,
    )  # fmt: skip
    def create(
        self, shelf: Shelf, body: Record, given: str | None, time: Any, unique: list[str], wish: str | None
    ) -> None:
        expected = self.expected_of(shelf, wish)
        record = v.timed(body, shelf[2]["modified_field"], self.clock.now_ms, time)
        if given is not None:
            record = {**record, shelf[2]["id_field"]: given}
        self.made += 1
        generated = f"generated-{self.made}"
        self.ask(
            "create", shelf, record, id_generator=lambda: generated, unique_fields=unique, expected=expected,
            **_names(shelf, deleted=False),
        )  # fmt: skip

    @rule(shelf=shelves, bodies=st.lists(v.bodies, min_size=1, max_size=5), time=v.times)
    def create_many(self, shelf: Shelf, bodies: list[Record], time: Any) -> None:
        for body in bodies:
            self.create(shelf, body, None, time, [], None)

    @rule(shelf=shelves, object_id=v.ids, body=v.bodies, time=v.times, unique=v.own_fields, wish=expectations)
    def update(
        self, shelf: Shelf, object_id: str, body: Record, time: Any, unique: list[str], wish: str | None
    ) -> None:
        expected = self.expected_of(shelf, wish, object_id)
        record = v.timed(body, shelf[2]["modified_field"], self.clock.now_ms, time)
        self.ask(
            "update", shelf, object_id, record, unique_fields=unique, expected=expected,
            **_names(shelf, deleted=False),
        )  # fmt: skip

    @rule(shelf=shelves, object_id=v.ids, kept=st.booleans(), time=v.times, wish=expectations)
    def delete(self, shelf: Shelf, object_id: str, kept: bool, time: Any, wish: str | None) -> None:
        expected = self.expected_of(shelf, wish, object_id)
        last_modified = v.timed({}, "time", self.clock.now_ms, time).get("time")
        self.ask(
            "delete", shelf, object_id, with_deleted=kept, last_modified=last_modified, expected=expected,
            **_names(shelf),
        )  # fmt: skip

    @rule(
        shelf=shelves, filters=v.filters, sorting=v.sortings, rules=v.rules,
        limit=st.none() | st.sampled_from([0, 1, 1, 1, 2, 2]),
        kept=st.booleans(), wish=expectations,
    )  # fmt: skip
    def delete_all(
        self, shelf: Shelf, filters: list[Filter], sorting: list[Sort], rules: Any, limit: int | None,
        kept: bool, wish: str | None,
    ) -> None:  # fmt: skip
        expected = self.expected_of(shelf, wish)
        self.ask(
            "delete_all", shelf, filters=filters, sorting=sorting, pagination_rules=rules, limit=limit,
            with_deleted=kept, expected=expected, **_names(shelf),
        )  # fmt: skip

    @rule(shelf=shelves, before=st.none() | v.delays)
    def purge_deleted(self, shelf: Shelf, before: int | None) -> None:
        bound = None if before is None else self.clock.now_ms + before
        self.ask("purge_deleted", shelf, before=bound, **_names(shelf, deleted=False))

    @rule(shelf=shelves)
    def collection_timestamp(self, shelf: Shelf) -> None:
        self.ask("collection_timestamp", shelf)

    @rule(shelf=shelves, object_id=v.ids)
    def get(self, shelf: Shelf, object_id: str) -> None:
        self.ask("get", shelf, object_id, **_names(shelf, deleted=False))

    @rule(
        shelf=shelves, page=st.none() | st.fixed_dictionaries({"newest_of": st.none() | v.filters}),
        filters=v.filters, sorting=v.sortings, rules=v.rules, limit=v.limits, dead=st.booleans(),
    )  # fmt: skip
    def look(
        self, shelf: Shelf, page: dict[str, Any] | None, filters: list[Filter], sorting: list[Sort],
        rules: Any, limit: int | None, dead: bool,
    ) -> None:  # fmt: skip
        self.ask(
            "get_all" if page is None else "get_page", shelf, filters=filters, sorting=sorting,
            pagination_rules=rules, limit=limit, include_deleted=dead, **(page or {}), **_names(shelf),
        )  # fmt: skip

    @rule(shelf=shelves, filters=v.filters, sorting=v.sortings, limit=st.integers(1, 4), dead=st.booleans())
    def walk(self, shelf: Shelf, filters: list[Filter], sorting: list[Sort], limit: int, dead: bool) -> None:
        options = {"filters": filters, "include_deleted": dead, **_names(shelf)}
        keys = with_tie_breaker(sorting, shelf[2]["id_field"])
        listed, total = self.ask("get_all", shelf, sorting=sorting, limit=1000, **options)
        walked: list[Record] = []
        page: list[Any] = [None]
        rules = None
        while page and len(walked) <= len(listed):
            page, of_page = self.ask(
                "get_all", shelf, sorting=keys, pagination_rules=rules, limit=limit, **options
            )
            assert of_page == total
            walked += page
            if page:
                rules = page_rules(keys, {key.field: field_getter(key.field)(page[-1]) for key in keys})
        assert is_same(walked, listed), f"joined pages, sorted by {keys}, are not the list"

    def teardown(self) -> None:
        """Compare all that is left, unless there was a difference already."""
        if not self.agreed:
            return
        for shelf in dict.fromkeys((collection, parent) for collection, parent, _ in SHELVES):
            names = OTHER_NAMES if shelf[0] == "odd" else DEFAULT_NAMES
            self.pair.call("get_page", *shelf, include_deleted=True, limit=1000, **names)

"""The order is one order, pages join to the list, and the memory backend agrees with ``matching``."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cliquet_like.storage import memory
from cliquet_like.storage.matching import (
    field_getter,
    filter_records,
    identity,
    order_key,
    page_records,
    page_rules,
    sort_records,
    with_tie_breaker,
)
from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Sort

FIELDS = ["last_modified", "id", "a", "b", "a.x", "deleted"]
TEXTS = st.sampled_from(["", "1", "Z", "a", "ab", "é", "\uff5e", "\U0001f600"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.0, 1.0, -0.5, 2.5, 1e300])
ATOMS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.one_of(
    ATOMS, st.lists(ATOMS, max_size=2), st.dictionaries(st.sampled_from("xy"), ATOMS, max_size=2)
)
SORTINGS = st.lists(st.builds(Sort, st.sampled_from(FIELDS), st.sampled_from([1, -1])), max_size=4)
RECORDS = st.lists(
    st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES, "last_modified": st.integers(1, 6)}),
    max_size=14,
)
SINGLE = [operator for operator in COMPARISON if operator not in (COMPARISON.IN, COMPARISON.EXCLUDE)]
FILTERS = st.lists(
    st.builds(Filter, st.sampled_from(FIELDS), VALUES | st.integers(1, 20), st.sampled_from(SINGLE))
    | st.builds(
        Filter,
        st.sampled_from(FIELDS),
        st.lists(VALUES, max_size=3),
        st.sampled_from([COMPARISON.IN, COMPARISON.EXCLUDE]),
    ),
    max_size=2,
)


def last_values(record, keys):
    return {key.field: field_getter(key.field)(record) for key in keys}


def walk(list_page, sorting, limit):
    keys = with_tie_breaker(sorting, "id")
    page = list_page(keys, None, limit)
    walked = list(page)
    while page:
        page = list_page(keys, page_rules(keys, last_values(page[-1], keys)), limit)
        walked += page
    return walked


def stored(records, deleted=()):
    """Memory backend with these records, some of them deleted, and what a plain list of it holds."""
    storage = memory.Storage(clock=lambda: 10)
    for number, record in enumerate(records):
        storage.create("books", "alice", {**record, "id": f"r{number:02}"})
    for number in sorted({number % len(records) for number in deleted if records}):
        storage.delete("books", "alice", f"r{number:02}")
    collection = storage._kept("books", "alice")
    return storage, [entry.record for entry in collection._entries.values()]


@given(VALUES, VALUES, VALUES)
@settings(max_examples=300)
def test_the_order_of_values_is_total(one, two, three):
    first, second, third = sorted([order_key(one), order_key(two), order_key(three)])

    assert first <= second <= third
    assert first <= third
    assert (order_key(one) < order_key(two)) + (order_key(one) > order_key(two)) + (
        order_key(one) == order_key(two)
    ) == 1
    assert order_key(MISSING) < order_key(one)


@given(VALUES, VALUES)
@settings(max_examples=200)
def test_equal_values_have_one_place_in_the_order(one, two):
    if identity(one) == identity(two):
        assert order_key(one) == order_key(two)


@given(RECORDS, SORTINGS, st.integers(1, 5))
@settings(max_examples=200)
def test_joined_pages_are_the_sorted_list(records, sorting, limit):
    numbered = [{**record, "id": f"r{number:02}"} for number, record in enumerate(records)]

    def list_page(keys, rules, size):
        return page_records(sort_records(numbered, keys), rules, size)

    assert walk(list_page, sorting, limit) == sort_records(numbered, with_tie_breaker(sorting, "id"))


@given(RECORDS, FILTERS)
@settings(max_examples=150)
def test_not_and_exclude_find_what_eq_and_in_leave(records, filters):
    opposite = {COMPARISON.EQ: COMPARISON.NOT, COMPARISON.IN: COMPARISON.EXCLUDE}
    for field, value, operator in filters:
        if operator in opposite:
            found = filter_records(records, [Filter(field, value, operator)])
            others = filter_records(records, [Filter(field, value, opposite[operator])])
            assert len(found) + len(others) == len(records)


@given(
    RECORDS,
    st.lists(st.integers(0, 13), max_size=4),
    FILTERS,
    SORTINGS,
    st.none() | st.integers(0, 6),
    st.none() | st.integers(0, 13),
    st.booleans(),
)
@settings(max_examples=400)
def test_memory_lists_as_matching_says(records, deleted, filters, sorting, limit, after, include_deleted):
    storage, plain = stored(records, deleted)
    live = [record for record in plain if "deleted" not in record]
    keys = with_tie_breaker(sorting, "id")
    rules = page_rules(keys, last_values(plain[after % len(plain)], keys)) if plain and after else None

    found, total = storage.get_all(
        "books",
        "alice",
        filters=filters,
        sorting=sorting,
        pagination_rules=rules,
        limit=limit,
        include_deleted=include_deleted,
    )

    wanted = filter_records(plain if include_deleted else live, filters)
    assert found == page_records(sort_records(wanted, keys), rules, limit)
    assert total == len(filter_records(live, filters))


@given(RECORDS, FILTERS, SORTINGS, st.none() | st.integers(0, 6))
@settings(max_examples=100)
def test_memory_deletes_what_it_lists(records, filters, sorting, limit):
    storage, _ = stored(records)
    listed = storage.get_all("books", "alice", filters=filters, sorting=sorting, limit=limit)[0]
    before = storage.get_all("books", "alice")[1]

    tombstones = storage.delete_all("books", "alice", filters=filters, sorting=sorting, limit=limit)

    assert [tombstone["id"] for tombstone in tombstones] == [record["id"] for record in listed]
    assert storage.get_all("books", "alice")[1] == before - len(listed)


@given(
    RECORDS,
    SORTINGS,
    st.integers(1, 3),
    st.lists(st.tuples(st.booleans(), st.integers(0, 6), VALUES), max_size=12),
)
@settings(max_examples=150)
def test_a_walk_among_writers_skips_and_repeats_no_untouched_record(records, sorting, limit, writes):
    storage, plain = stored(records)
    untouched = [record["id"] for record in plain[::2]]
    doomed = [record["id"] for record in plain[1::2]]
    pending = list(writes)

    def list_page(keys, rules, size):
        found = storage.get_all("books", "alice", sorting=keys, pagination_rules=rules, limit=size)[0]
        if pending:
            inserts, number, value = pending.pop()
            if inserts:
                storage.create("books", "alice", {"a": value, "last_modified": number})
            elif doomed:
                storage.delete("books", "alice", doomed.pop(number % len(doomed)))
        return found

    walked = [record["id"] for record in walk(list_page, sorting, limit)]

    assert len(walked) == len(set(walked))
    assert [object_id for object_id in walked if object_id in untouched] == [
        record["id"]
        for record in sort_records(plain, with_tie_breaker(sorting, "id"))
        if record["id"] in untouched
    ]

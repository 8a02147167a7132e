"""Lists as texts hold, to the last digit, what lists of records hold."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.kernel.codec import INT64_MAX, INT64_MIN, dumps
from cliquet_like.storage.postgresql import Storage
from cliquet_like.storage.query import COMPARISON, Filter, Sort
from cliquet_like.storage.sql.backend import BEFORE_EVERY_WRITE
from tests import servers

PLACE = ("notes", "ada")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(INT64_MIN, INT64_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = {"id_field": 'the "id"', "modified_field": "changed % at"}


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    with servers.new_database() as url:
        database = PostgreSQL(url)
        made = Storage(database)
        made.initialize_schema()
        yield made
        database.close()


@settings(max_examples=40)
@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), max_size=3))
def test_a_page_of_texts_is_the_page(storage: Storage, records: list[dict[str, Any]]) -> None:
    storage.flush()
    for number, record in enumerate(records):
        storage.create(*PLACE, {**record, "id": f"{number}\n\"'ä", "last_modified": 1000 + number})

    page, texts = storage.get_page(*PLACE), storage.get_page_texts(*PLACE)

    # As text: there 1 and 1.0 are not the same.
    assert json.dumps(json.loads(texts.records.json)) == json.dumps(json.loads(dumps(page.records)))
    assert list(texts.records) == page.records
    assert texts[1:] == page[1:]


@pytest.mark.parametrize(
    "criteria",
    [
        {"limit": 0},
        {"limit": 2, "sorting": [Sort("n", -1)]},
        {"filters": [Filter("n", 1, COMPARISON.GT)], "newest_of": [Filter("n", 2, COMPARISON.LT)]},
        {"include_deleted": True, "sorting": [Sort("last_modified", 1)]},
        {"pagination_rules": [[Filter("n", 1, COMPARISON.GT)]], "sorting": [Sort("n", 1)]},
    ],
    ids=str,
)
def test_criteria_mean_the_same(storage: Storage, criteria: dict[str, Any]) -> None:
    storage.flush()
    for number in range(4):
        storage.create(*PLACE, {"id": str(number), "n": number})
    storage.delete(*PLACE, "3")

    page, texts = storage.get_page(*PLACE, **criteria), storage.get_page_texts(*PLACE, **criteria)

    assert (list(texts.records), *texts[1:]) == page


def test_own_fields_may_have_other_names_and_win_over_what_is_stored(storage: Storage) -> None:
    storage.flush()
    created = storage.create(*PLACE, {"id": "of the record", "n": 1}, **NAMES)
    storage.create(*PLACE, {NAMES["id_field"]: "empty"}, **NAMES)

    named, unnamed = partial(storage.get_page_texts, **NAMES), storage.get_page_texts

    assert created in named(*PLACE).records
    assert list(named(*PLACE).records) == storage.get_page(*PLACE, **NAMES).records
    assert list(unnamed(*PLACE).records) == storage.get_page(*PLACE).records


def test_a_collection_without_writes_has_the_timestamp_of_the_first_reading(storage: Storage) -> None:
    storage.flush()

    texts = storage.get_page_texts(*PLACE)

    assert (list(texts.records), texts.total) == ([], 0)
    assert texts.timestamp == storage.collection_timestamp(*PLACE) > BEFORE_EVERY_WRITE

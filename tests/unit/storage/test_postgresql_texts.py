"""Equal texts in PostgreSQL: short ones are decided by what an index holds of them."""

from collections.abc import Iterator

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.storage.postgresql import Storage
from cliquet_like.storage.postgresql.terms import INDEXED_LENGTH
from cliquet_like.storage.query import COMPARISON, Filter
from tests import servers

PREFIX = "é" * (INDEXED_LENGTH - 1)
TEXTS = ["", "a", "A", "\U0001f600", PREFIX, PREFIX + "x", PREFIX + "xy", PREFIX + "xz"]
OTHERS = [0, 1, 1.5, True, False, None, [], {}, ["a"], {"a": "a"}]


@pytest.fixture(scope="module")
def storage() -> Iterator[Storage]:
    with servers.new_database() as url:
        storage = Storage(PostgreSQL(url))
        storage.initialize_schema()
        for value in (*TEXTS, *OTHERS):
            storage.create("books", "ada", {"value": value})
        storage.create("books", "ada", {})
        yield storage
        storage.database.close()


def found(storage: Storage, operator: COMPARISON, value: object) -> list[object]:
    records, _ = storage.get_all("books", "ada", filters=[Filter("value", value, operator)])
    return [record.get("value", "absent") for record in records]


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_text_is_equal_to_itself_only(storage, number):
    text = TEXTS[number]

    equal, others = found(storage, COMPARISON.EQ, text), found(storage, COMPARISON.NOT, text)

    assert equal == [text]
    assert len(others) == len(TEXTS) + len(OTHERS)
    assert text not in others


def test_several_texts_and_other_values_are_found_together(storage):
    wanted = ["a", PREFIX + "xy", 1, None]

    assert sorted(map(str, found(storage, COMPARISON.IN, wanted))) == sorted(map(str, wanted))
    assert sorted(found(storage, COMPARISON.IN, ["a", "", "b"])) == ["", "a"]
    assert sorted(found(storage, COMPARISON.IN, ["a", "A", PREFIX])) == ["A", "a", PREFIX]


def test_what_is_no_text_is_not_found_by_the_empty_one(storage):
    assert found(storage, COMPARISON.EQ, "") == [""]
    assert found(storage, COMPARISON.IN, [5]) == []

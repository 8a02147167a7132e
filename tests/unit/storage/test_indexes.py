from random import Random

import pytest

from cliquet_like.drivers.postgresql.client import PostgreSQL
from cliquet_like.storage import postgresql
from cliquet_like.storage.indexes import (
    DeclaredIndex,
    IndexedStorage,
    InvalidIndex,
    parse_indexed_fields,
    plan,
)
from cliquet_like.storage.query import Sort


def names_of(*declared):
    return [index.name for index in parse_indexed_fields("book", declared)]


def test_an_entry_is_a_field_or_several():
    indexes = parse_indexed_fields("book", ("status", ("status", "-title"), ["author.name"], "-year"))

    assert [index.fields for index in indexes] == [
        ("status",),
        ("status", "-title"),
        ("author.name",),
        ("-year",),
    ]
    assert {index.collection_id for index in indexes} == {"book"}


@pytest.mark.parametrize("declared", [(), []])
def test_nothing_may_be_declared(declared):
    assert parse_indexed_fields("book", declared) == []


def test_what_is_declared_twice_is_one_index():
    assert len(parse_indexed_fields("book", ("status", ("status",), ["status"]))) == 1


def test_a_leading_dash_is_descending():
    index = DeclaredIndex("book", ("status", "-last-read"))

    assert index.sorting == (Sort("status", 1), Sort("last-read", -1))
    assert str(index) == "book (status, -last-read)"


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ("status", r"write \('status',\) with a comma"),
        (None, "None is no tuple of fields"),
        ({"status"}, "is no tuple of fields"),
        ((3,), "3 is no field and no tuple"),
        (((),), r"\(\) is no field and no tuple"),
        (((3,),), "3 is no field that can be indexed"),
        (("",), "'' is no field that can be indexed"),
        (("-",), "'-' is no field"),
        (("--a",), "'--a' is no field"),
        (("a b",), "'a b' is no field"),
        (("a..b",), "'a..b' is no field"),
        (("a.",), "'a.' is no field"),
        (("é",), "'é' is no field"),
        (("a\n",), r"'a\\n' is no field"),
        (("a'); --",), "is no field"),
        ((("a", "-a"),), "has a field twice"),
        ((("a", "b", "c", "d"),), "has 4 fields, expected at most 3"),
    ],
)
def test_a_declaration_that_cannot_be_understood_names_the_collection(declared, complaint):
    with pytest.raises(InvalidIndex, match=f"^indexed_fields of book: .*{complaint}"):
        parse_indexed_fields("book", declared)


def test_an_unchanged_declaration_keeps_its_name():
    assert names_of("status") == ["cliquet_like_ix_book_status_51d36e9268"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("title", "Title"),
        ("a-b", "a_b"),
        ("title", "-title"),
        (("a", "b"), "a_b"),
        (("a", "b"), ("b", "a")),
        ("x" * 100, "x" * 101),
    ],
)
def test_two_declarations_have_two_names(one, other):
    first, second = names_of(one, other)

    assert first.lower() != second.lower()


def test_the_same_fields_of_two_collections_have_two_names():
    assert DeclaredIndex("a_b", ("c",)).name != DeclaredIndex("a", ("b_c",)).name


@pytest.mark.parametrize("collection_id", ["book", "c" * 200, "été"])
def test_every_server_takes_the_name(collection_id):
    name = DeclaredIndex(collection_id, ("status", "-author.last-name", "x" * 60)).name

    assert name.isidentifier()
    assert name.isascii()
    assert len(name) <= 63


def test_three_fields_of_long_texts_can_be_stored(postgresql_url):
    storage = postgresql.Storage(PostgreSQL(postgresql_url))
    storage.initialize_schema()
    (index,) = parse_indexed_fields("book", (("title", "-author.name", "summary"),))
    storage.create_index(index)
    # Of characters that take four bytes each, too different to be compressed.
    texts = [_astral(number) for number in range(3)]

    stored = storage.create(
        "book",
        "p" * 128,
        {"id": "i" * 64, "title": texts[0], "author": {"name": texts[1]}, "summary": texts[2]},
    )
    storage.database.close()

    assert stored["summary"] == texts[2]


def _astral(seed):
    characters = Random(seed)
    return "".join(chr(characters.randrange(0x20000, 0x2A6D0)) for _ in range(128))


def test_the_plan_is_what_is_missing_and_what_is_too_much():
    status, title = parse_indexed_fields("book", ("status", "title"))

    to_create, to_drop = plan([status, title], {title.name, "cliquet_like_ix_b", "cliquet_like_ix_a"})

    assert to_create == [status]
    assert to_drop == ["cliquet_like_ix_a", "cliquet_like_ix_b"]


def test_there_is_nothing_to_plan_when_all_is_there():
    (status,) = parse_indexed_fields("book", ("status",))

    assert plan([status, status], {status.name}) == ([], [])


def test_a_storage_without_a_statement_says_at_least_what_is_indexed():
    class Shelf(IndexedStorage):
        def existing_indexes(self):
            """None yet."""

        def create_index(self, index):
            """Nothing."""

        def drop_index(self, name):
            """Nothing."""

    index = DeclaredIndex("book", ("status", "-title"))

    assert Shelf().index_statement(index) == f"CREATE INDEX {index.name} -- on book (status, -title)"

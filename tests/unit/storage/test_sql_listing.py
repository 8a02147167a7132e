"""Statements of lists: which of them are one text for whatever values."""

from typing import Any

import pytest

from cliquet_like.drivers.fixed import FixedStatement
from cliquet_like.storage.matching import page_rules
from cliquet_like.storage.postgresql.statements import DIALECT
from cliquet_like.storage.query import COMPARISON, Filter, Rules, Sort
from cliquet_like.storage.sql.listing import Selection, page_statement
from cliquet_like.storage.sql.rows import Place

NEWEST_FIRST = (Sort("last_modified", -1), Sort("id", -1))


def statement_after(rules: Rules | None, owner: str = "ada") -> tuple[str, dict[str, Any]]:
    selection = Selection((), NEWEST_FIRST, rules, limit=10)
    return page_statement(selection, Place("book", owner, "id", "last_modified"), DIALECT)


def after(**values: Any) -> Rules:
    return page_rules(NEWEST_FIRST, values)


def test_later_pages_are_one_statement_after_whatever_record_of_whatever_owner() -> None:
    text, values = statement_after(after(last_modified=17, id="a"))
    other_text, other_values = statement_after(after(last_modified=3, id="b"), owner="bob")

    assert isinstance(text, FixedStatement)
    assert other_text is text
    assert set(values.values()) == {"ada", "book", 17, "a"}
    assert set(other_values.values()) == {"bob", "book", 3, "b"}


def test_the_first_page_is_another_statement() -> None:
    first, _ = statement_after(None)
    later, _ = statement_after(after(last_modified=17, id="a"))

    assert isinstance(first, FixedStatement)
    assert first != later


@pytest.mark.parametrize("stamp", [1.5, 2**70])
def test_a_number_that_is_no_timestamp_is_in_no_statement_for_timestamps(stamp: float) -> None:
    text, values = statement_after(after(last_modified=stamp, id="a"))

    assert not isinstance(text, FixedStatement)
    assert values.keys() == statement_after(after(last_modified=17, id="a"))[1].keys()


@pytest.mark.parametrize(
    "rules",
    [
        after(last_modified="17", id="a"),
        after(last_modified=17, id=7),
        after(id="a"),
        [[Filter("last_modified", 17, COMPARISON.LT)]],
        [[Filter("last_modified", 17, COMPARISON.LT)], []],
        list(reversed(after(last_modified=17, id="a"))),
    ],
    ids=["text-as-timestamp", "number-as-id", "missing", "another-rule", "no-condition", "another-order"],
)
def test_other_rules_are_a_statement_of_their_own(rules: Rules) -> None:
    usual, _ = statement_after(after(last_modified=17, id="a"))

    text, _ = statement_after(rules)

    assert text != usual

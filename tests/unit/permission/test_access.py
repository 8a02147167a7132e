import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet_like.permission.access import (
    Entry,
    Pair,
    bound_pairs,
    flattened,
    grouped,
    is_storable,
    literal_prefix,
    matches,
    replaced,
)

# Few letters, or nothing would ever match; some of them mean something elsewhere.
texts = st.text("ab/.[%\n", max_size=8)
patterns = st.text("ab/.[%\n**", max_size=8)


def meaning(pattern):
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


@given(texts, patterns)
def test_an_id_matches_as_an_expression_does_where_a_star_is_any_text(object_id, pattern):
    assert matches(object_id, pattern) is bool(meaning(pattern).fullmatch(object_id))


@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_a_pattern_matches_whatever_stands_for_its_stars(pieces):
    object_id = "".join(part + filling for part, filling in pieces)

    assert matches(object_id, "".join(part + "*" for part, _ in pieces))


@pytest.mark.parametrize(
    ("object_id", "pattern"),
    [
        ("", ""), ("", "*"), ("", "***"), ("a", "a"), ("a", "a*"), ("a", "*a"), ("a*b", "a*b"), ("ab", "a*b"),
        ("aba", "a*a"), ("/a/b/c", "/a/*"), ("abcabc", "*abc"), ("aab", "*ab"), ("xaybza", "*a*b*a"),
        ("a\nb", "a*b"), ("\U0001f600", "\U0001f600*"),
    ],
)  # fmt: skip
def test_these_ids_match(object_id, pattern):
    assert matches(object_id, pattern)


@pytest.mark.parametrize(
    ("object_id", "pattern"),
    [
        ("a", ""), ("", "a"), ("", "a*"), ("A", "a"), ("ab", "a"), ("a", "a*a"), ("aba", "ab*ba"),
        ("ab", "*b*b"), ("abc", "a*bb*c"), ("ab", "a?"), ("a", "[a]*"), ("xa", "a*"), ("ax", "*a"),
        ("ba", "*a*b*"),
    ],
)  # fmt: skip
def test_these_ids_do_not_match(object_id, pattern):
    assert not matches(object_id, pattern)


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [("", ""), ("*", ""), ("/a", "/a"), ("/a/*/b/*", "/a/"), ("a**", "a"), ("[?%*", "[?%")],
)
def test_the_literal_prefix_ends_where_the_first_star_stands(pattern, prefix):
    assert literal_prefix(pattern) == prefix


@given(texts, patterns)
def test_an_id_that_matches_begins_with_the_literal_prefix(object_id, pattern):
    if matches(object_id, pattern):
        assert object_id.startswith(literal_prefix(pattern))


def test_a_pair_without_bound_permissions_stands_alone():
    assert bound_pairs("/a", "read", None) == (Pair("/a", "read"),)


def test_bound_pairs_are_those_of_the_function_in_its_order():
    pairs = bound_pairs("/a", "read", lambda object_id, permission: [("/", permission), (object_id, "write")])

    assert pairs == (Pair("/", "read"), Pair("/a", "write"))
    assert all(isinstance(pair, Pair) for pair in pairs)


def test_a_permission_may_be_bound_to_nothing():
    assert bound_pairs("/a", "read", lambda *_: []) == ()


def test_entries_are_grouped_by_permission():
    entries = iter(
        [Entry("read", "alice"), Entry("write", "alice"), Entry("read", "bob"), Entry("read", "bob")]
    )

    assert grouped(entries) == {"read": {"alice", "bob"}, "write": {"alice"}}
    assert grouped([]) == {}


def test_permissions_without_principals_have_no_entries():
    flat = flattened({"read": iter(["alice", "alice"]), "write": [], "create": {"alice", "bob"}})

    assert flat == {Entry("read", "alice"), Entry("create", "alice"), Entry("create", "bob")}
    assert flattened({}) == frozenset()


@given(st.dictionaries(texts, st.sets(texts, min_size=1, max_size=3), max_size=4))
def test_flattened_permissions_group_to_the_same(permissions):
    assert grouped(flattened(permissions)) == permissions


BEFORE = (Entry("read", "alice"), Entry("read", "bob"), Entry("write", "alice"))


@pytest.mark.parametrize(
    ("names", "wanted", "after"),
    [
        (["read"], [], {"write": {"alice"}}),
        (["read"], [("read", "carol")], {"read": {"carol"}, "write": {"alice"}}),
        ([], [("read", "carol")], {"read": {"alice", "bob", "carol"}, "write": {"alice"}}),
        (iter(["read", "create"]), [("write", "carol")], {"write": {"alice", "carol"}}),
        (None, [("create", "carol")], {"create": {"carol"}}),
        (None, [], {}),
        ([], [], {"read": {"alice", "bob"}, "write": {"alice"}}),
    ],
    ids=["named", "replaced", "added", "both", "whole", "none left", "nothing"],
)
def test_entries_give_way_by_the_names_of_their_permissions(names, wanted, after):
    entries = replaced(iter(BEFORE), names, (Entry(*entry) for entry in wanted))

    assert grouped(entries) == after


def test_entries_of_no_object_are_replaced_by_the_wanted_ones():
    assert replaced((), ["read"], BEFORE[:1]) == {BEFORE[0]}


@pytest.mark.parametrize(
    "text", ["", "a", "é", "\U0001f600", "\U0010ffff", "\ud7ff", "\x01", "x" * 10_000], ids=ascii
)
def test_a_text_may_be_stored(text):
    assert is_storable(text) is True
    assert is_storable("a", text) is True


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800", "\udfffa", "\ud83d\ude00"], ids=ascii)
def test_a_text_with_nul_or_a_lone_surrogate_may_not_be_stored(text):
    assert is_storable(text) is False
    assert is_storable("a", text) is False


def test_no_texts_may_be_stored():
    assert is_storable() is True

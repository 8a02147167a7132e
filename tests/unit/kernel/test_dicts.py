import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet_like.kernel.dicts import copy_deeply, dict_subset, merge_dicts, merge_patch


def test_merging_adds_at_every_level_and_never_overwrites() -> None:
    first = {"a": 1, "b": {"c": 2}, "d": {"e": 1}}

    merge_dicts(first, {"a": 9, "b": {"c": 9, "x": 3}, "d": 4, "y": {"z": 5}})

    assert first == {"a": 1, "b": {"c": 2, "x": 3}, "d": {"e": 1}, "y": {"z": 5}}


@pytest.mark.parametrize(
    ("keys", "subset"),
    [
        (["a"], {"a": 1}),
        (["a", "missing"], {"a": 1}),
        (["b.c"], {"b": {"c": 2}}),
        (["b.c", "b.d.e"], {"b": {"c": 2, "d": {"e": 3}}}),
        (["b", "b.c"], {"b": {"c": 2, "d": {"e": 3}}}),
        (["b.missing"], {"b": {}}),
        (["a.x"], {}),
        (["dotted.key"], {"dotted.key": 4}),
        ([], {}),
    ],
)
def test_a_subset_goes_inside_at_dots(keys: list[str], subset: dict[str, object]) -> None:
    record = {"a": 1, "b": {"c": 2, "d": {"e": 3}}, "dotted.key": 4}

    assert dict_subset(record, keys) == subset


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_rfc_7396(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner) | st.tuples(inner, inner),
)


@given(JSON)
def test_a_deep_copy_is_equal_and_of_the_same_types(value: object) -> None:
    assert repr(copy_deeply(value)) == repr(value)


def test_a_deep_copy_shares_nothing_that_can_change() -> None:
    value = {"a": [{"b": ({"c": 1},)}], "d": {"e": []}}

    copied = copy_deeply(value)
    copied["a"][0]["b"][0]["c"] = copied["d"]["e"] = 2

    assert value == {"a": [{"b": ({"c": 1},)}], "d": {"e": []}}

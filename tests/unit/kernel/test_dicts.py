import pytest

from cliquet_like.kernel.dicts import dict_subset, merge_dicts, merge_patch


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

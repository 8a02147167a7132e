from datetime import date

import pytest

from cliquet_like.storage.copying import copied_in, copy_json, copy_kept


@pytest.mark.parametrize("copy", [copy_json, copy_kept])
def test_a_copy_is_equal_and_shares_nothing_that_can_change(copy):
    value = {"a": [1, {"b": [True, None, "x", 1.5]}], "c": {}}

    copied = copy(value)

    assert copied == value
    assert copied is not value
    assert copied["a"] is not value["a"]
    assert copied["a"][1]["b"] is not value["a"][1]["b"]
    assert copied["c"] is not value["c"]


def test_what_is_not_plain_json_becomes_what_a_server_would_give_back():
    assert copy_json({"t": (1, 2), "d": date(2026, 1, 2)}) == {"t": [1, 2], "d": "2026-01-02"}


def test_a_zero_has_no_sign():
    value = {"a": -0.0, "b": [-0.0, (-0.0,)]}

    copied = copy_json(value)

    assert repr(copied) == "{'a': 0.0, 'b': [0.0, [0.0]]}"
    assert repr(value["a"]) == "-0.0"


def test_a_copy_to_be_kept_has_no_mark_of_deletion():
    record = {"id": "a", "deleted": True, "tags": ["x"]}

    kept = copied_in(record)

    assert kept == {"id": "a", "tags": ["x"]}
    assert kept["tags"] is not record["tags"]
    assert record["deleted"] is True


def test_what_json_cannot_hold_is_a_type_error():
    with pytest.raises(TypeError):
        copy_json({"a": {1, 2}})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 2**63, -(2**63) - 1, (2**63,)])
def test_a_number_that_no_backend_keeps_is_refused(number):
    with pytest.raises(TypeError, match="not a number that can be stored"):
        copy_json({"deep": [number]})

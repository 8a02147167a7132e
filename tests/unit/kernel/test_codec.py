import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet_like.kernel.codec import (
    MAX_DEPTH,
    InvalidJSON,
    dumps,
    dumps_text,
    find_unstorable,
    loads,
    loads_strictly,
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nul",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b"0x10",
        b'{"a":1} x',
        b"{'a':1}",
        b'"a\x00b"',
        b"\xef\xbb\xbf{}",
        b'"\xff"',
        b'"\\ud800"',
        b'"\\ud83d"',
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJSON):
        loads_strictly(body)


@pytest.mark.parametrize("body", [b'["a\\u0000b"]', b'{"a\\u0000": 1}', b'{"a": {"b": ["\\u0000"]}}'])
def test_nul_is_refused_wherever_it_hides(body: bytes) -> None:
    with pytest.raises(InvalidJSON, match="NUL"):
        loads_strictly(body)


def test_an_escaped_backslash_before_u0000_is_plain_text() -> None:
    assert loads_strictly(b'["\\\\u0000", 1, null]') == ["\\u0000", 1, None]


@pytest.mark.parametrize("number", ["9223372036854775807", "-9223372036854775808", "1234567890123456789"])
def test_integers_of_64_bits_are_exact(number: str) -> None:
    assert loads_strictly(number.encode()) == int(number)


@pytest.mark.parametrize("number", ["9223372036854775808", "-9223372036854775809", "1" + "0" * 30, "9" * 300])
def test_integers_beyond_64_bits_are_refused(number: str) -> None:
    with pytest.raises(InvalidJSON, match="64 bits"):
        loads_strictly(number.encode())


@pytest.mark.parametrize("number", ["1e-400", "0.12345678901234567890", "1." + "1" * 500])
def test_numbers_that_a_double_cannot_hold_are_refused(number: str) -> None:
    with pytest.raises(InvalidJSON, match="exactly"):
        loads_strictly(number.encode())


@pytest.mark.parametrize("number", ["0.1", "1e300", "1E+100", "0.1234567890123456", "-0.0", "2.5e-300"])
def test_numbers_that_a_double_holds_come_back(number: str) -> None:
    value = loads_strictly(number.encode())

    assert value == float(number)


def test_as_many_levels_as_allowed_are_read() -> None:
    body = b"[" * MAX_DEPTH + b"1" + b"]" * MAX_DEPTH

    value = loads_strictly(body)

    assert dumps(value) == body


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 500, 5000, 100_000])
def test_one_level_too_many_is_refused(levels: int) -> None:
    with pytest.raises(InvalidJSON):
        loads_strictly(b'{"a":' * levels + b"1" + b"}" * levels)


def test_many_shallow_objects_are_not_deep() -> None:
    body = b"[" + b",".join([b'{"a":[1]}'] * 1000) + b"]"

    assert loads_strictly(body) == [{"a": [1]}] * 1000


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
    ),
    max_leaves=10,
)


@given(json_values)
def test_what_comes_in_goes_out_as_it_was(value: object) -> None:
    body = json.dumps(value).encode()

    read = loads_strictly(body)

    assert json.loads(dumps(read)) == value
    assert loads(dumps_text(read)) == read


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": 2**63}, "a"),
        ({"a": {"b": [0, float("inf")]}}, "a.b.1"),
        ({"a": (float("nan"),)}, "a.0"),
        (["a\0"], "0"),
        (["\udc80"], "0"),
        (2**64, ""),
    ],
)
def test_what_cannot_be_stored_is_found(value: object, place: str) -> None:
    found = find_unstorable(value)

    assert found is not None
    assert found[0] == place
    assert found[1].startswith("Should be")


def test_what_can_be_stored_is_fine() -> None:
    assert find_unstorable({"a": [1, 2.5, True, None, "é", object()]}) is None

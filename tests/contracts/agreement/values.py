"""What random operations are made of: values that backends are known to confuse, and arguments of calls."""

from typing import Any, Final

from hypothesis import strategies as st

from cliquet_like.storage.query import COMPARISON, MISSING, Filter, Record, Sort

NUMBERS: Final = (
    *(0, 1, -1, 2, 10, 33, 0.0, -0.0, 1.0, 0.1, 0.5, -2.5, 1e16, 10**16, 10**16 + 1, 1e300, -1e300, 5e-324),
    *(2**53, 2**53 + 1, 2.0**53, 2**63 - 1, 2**63 - 2, -(2**63), 2.0**63, 1.7976931348623157e308),
    # Floats that equal an integer, of which JSON shows fewer digits.
    *(2**60, 2.0**60, 2**60 + 1, -(2.0**63), 2.0**62, 2**62),
    *(123456789.123456789, 1e-7, 1e22, 0.30000000000000004),
)
TEXTS: Final = (
    *("", " ", "0", "1", "1.0", "0033", "33", "1e16", "true", "null", "[]", "{}", '{"x": 1}', '"a"'),
    *("a", "A", "b", "ab", "a b", "Z", "z", "_", "%", "'", '"', "\\", "\\u0041", "\n", "\x01", "\x7f"),
    *("é", "e\u0301", "ß", "\u2028", "\ud7ff", "\ufeff", "\uff5e", "\uffff", "\U0001f600", "\U0010ffff"),
)
CONTAINERS: Final[tuple[Any, ...]] = (
    *([], [1], [1.0], [True], [None], ["a"], ["1"], [1, 2], [2, 1], [[1]], [[]], [{}], [{"x": 1}]),
    *({}, {"x": 1}, {"x": 1.0}, {"x": True}, {"x": None}, {"x": "1"}, {"x": 2}, {"x": {"y": 1}}, {"": 1}),
    *({"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": [1]}, {"x": {"y": [{"z": 0.1}]}}, {'a"b': 1}, {"é": "\\"}),
)
ATOMS: Final = (None, True, False, *NUMBERS, *TEXTS)
VALUES: Final = (*ATOMS, *CONTAINERS)

ODD_NAMES: Final = (
    *('a"b', "a'b", "\\", 'a\\"b', "[0]", "a[0]", "[*]", "a b", "$", "$.a", "%", "%s", "%(a)s", "?", ":a"),
    *("{a}", "#>>", "->", "*", "**", "@", "--", "a;b", "\n", "\t", "0", "-1", "é", "e\u0301", "\U0001f600"),
    *("", " ", "NULL", "null", "data", "parent_id", "rank", "a/b", "a,b", "`a`", "\x7f"),
)
"""Names of fields that mean something to SQL, JSON paths, or formatting."""

DOTTED_NAMES: Final = (
    *("a.x", "a.x.y", "a.", ".a", ".", "a..x", "a.0", "b.x", 'a.a"b', "a.é", "b.", "a.x.y.z"),
    *("id.x", "last_modified.x", "deleted.x"),
)
NAMES: Final = ("a", "b", *ODD_NAMES)
FIELDS: Final = ("a", "b", "id", "last_modified", "deleted", *DOTTED_NAMES, *ODD_NAMES)

IDS: Final = ("r1", "r2", "R1", "r10", "é", "a b", "it's", '"', "\U0001f600", "0", "%s", "")

LISTED: Final = (COMPARISON.IN, COMPARISON.EXCLUDE)
SINGLE: Final = tuple(operator for operator in COMPARISON if operator not in LISTED)

# Few distinct ones most of the time, or nothing would ever meet.
_often = st.sampled_from([None, True, False, 0, 1, 1.0, 2, "1", "a", "", [], [1], {"x": 1}, {"x": "a"}])
_numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
_atoms = st.sampled_from(ATOMS) | _numbers | _texts
values: Final = (
    _often
    | st.sampled_from(VALUES)
    | st.recursive(
        _atoms,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["x", "y", *NAMES]), inner, max_size=3)
        ),
        max_leaves=4,
    )
)
_usual_names = st.sampled_from(["a", "b"])
_usual_fields = st.sampled_from(["a", "b", "a.x", "id", "last_modified", "deleted"])
fields: Final = _usual_fields | _usual_fields | st.sampled_from(FIELDS)
ids: Final = st.sampled_from(IDS[:3]) | st.sampled_from(IDS)
own_fields: Final = st.sampled_from([[], [], ["a"], ["a"], ["b", "a"], ["a.x", "b"]]) | st.lists(
    st.sampled_from(["a", "b", "a.x", "id", 'a"b', "é", "a.", "deleted"]), max_size=3, unique=True
)

DAY_MS: Final = 24 * 3600 * 1000
delays: Final = st.sampled_from([0, 1, -1, 5, -5, 1000, DAY_MS, -DAY_MS])
"""Distances in ms between a given timestamp and the clock."""

bodies: Final = st.fixed_dictionaries({"a": values}) | st.dictionaries(
    _usual_names | _usual_names | st.sampled_from([*NAMES, "a.x", "deleted"]), values, max_size=4
)
bad_times: Final[st.SearchStrategy[Any]] = st.sampled_from([None, True, 1.5, "12", [1], {}])


def timed(record: Record, modified_field: str, now_ms: int, wish: Any) -> Record:
    """Record with the timestamp that was wished for: ``("at", ms)``, ``("in", ms)``, None for none."""
    if wish is None:
        return record
    kind, value = wish
    return {**record, modified_field: now_ms + value if kind == "in" else value}


times: Final = (
    st.none()
    | st.none()
    | st.tuples(st.just("in"), delays)
    | st.tuples(st.just("at"), st.sampled_from([0, 1, 1000, 1001]) | bad_times)
)

_stamps: Final = st.sampled_from(
    [0, 1000, 1000.5, 1e300, -1e300, 2**63 - 1, -(2**63), "1000", True, None, 1_700_000_000_000]
)
_bounds: Final = values | _stamps | ids
_near_now = st.integers(1_700_000_000_000 - 5, 1_700_000_000_000 + 5)
_narrow = st.builds(Filter, st.sampled_from(["a", "a.x", "b"]), _often, st.sampled_from(SINGLE))
filters: Final = st.lists(_narrow, max_size=1) | st.lists(
    st.builds(Filter, fields, _bounds, st.sampled_from(SINGLE))
    | st.builds(Filter, st.just("last_modified"), _near_now | _stamps, st.sampled_from(SINGLE))
    | st.builds(Filter, fields, st.lists(_bounds, max_size=4), st.sampled_from(LISTED)),
    max_size=2,
)
sortings: Final = st.lists(st.builds(Sort, fields, st.sampled_from([1, -1])), max_size=3)
rules: Final = (
    st.none()
    | st.none()
    | st.lists(
        st.lists(st.builds(Filter, fields, _bounds | st.just(MISSING), st.sampled_from(SINGLE)), max_size=3),
        max_size=3,
    )
)
limits: Final = st.none() | st.integers(0, 8)

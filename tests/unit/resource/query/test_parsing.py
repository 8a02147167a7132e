import pytest

from cliquet_like.resource.query import FieldNames, Query, QueryError, parse_query
from cliquet_like.storage.query import COMPARISON, Filter, Sort

FIELDS = {"title", "status", "author", "in_stock", "id", "last_modified", "deleted"}
NAMES = FieldNames(FIELDS.__contains__)
NEWEST_FIRST = (Sort("last_modified", -1), Sort("id", -1))


def parse(*parameters: tuple[str, str]) -> Query:
    return parse_query(parameters, NAMES)


def test_nothing_asked_is_everything_newest_first() -> None:
    assert parse() == Query(sorting=NEWEST_FIRST)


@pytest.mark.parametrize(
    ("name", "text", "condition"),
    [
        ("title", "a", Filter("title", "a", COMPARISON.EQ)),
        ("title", "", Filter("title", "", COMPARISON.EQ)),
        ("title", "[draft]", Filter("title", "[draft]", COMPARISON.EQ)),
        ("title", "[1]", Filter("title", "[1]", COMPARISON.EQ)),
        ("title", "{1}", Filter("title", "{1}", COMPARISON.EQ)),
        ("title", "(1e999)", Filter("title", "(1e999)", COMPARISON.EQ)),
        ("title", "'3'", Filter("title", "3", COMPARISON.EQ)),
        ("title", "None", Filter("title", None, COMPARISON.EQ)),
        ("status", "3", Filter("status", 3, COMPARISON.EQ)),
        ("status", "0033", Filter("status", "0033", COMPARISON.EQ)),
        ("status", "true", Filter("status", True, COMPARISON.EQ)),
        ("min_status", "3", Filter("status", 3, COMPARISON.MIN)),
        ("max_status", "3.5", Filter("status", 3.5, COMPARISON.MAX)),
        ("lt_status", "3", Filter("status", 3, COMPARISON.LT)),
        ("gt_status", "3", Filter("status", 3, COMPARISON.GT)),
        ("not_status", "3", Filter("status", 3, COMPARISON.NOT)),
        ("in_status", "1, 2,x", Filter("status", [1, 2, "x"], COMPARISON.IN)),
        ("exclude_status", "1", Filter("status", [1], COMPARISON.EXCLUDE)),
        ("author.name", "x", Filter("author.name", "x", COMPARISON.EQ)),
        ("in_stock", "true", Filter("in_stock", True, COMPARISON.EQ)),
        ("id", "12", Filter("id", "12", COMPARISON.EQ)),
        ("in_id", "a,b", Filter("id", ["a", "b"], COMPARISON.IN)),
        ("last_modified", '"12"', Filter("last_modified", 12, COMPARISON.EQ)),
        ("in_last_modified", "1,2", Filter("last_modified", [1, 2], COMPARISON.IN)),
        ("_since", "12", Filter("last_modified", 12, COMPARISON.GT)),
        ("_since", '"12"', Filter("last_modified", 12, COMPARISON.GT)),
        ("_before", "12", Filter("last_modified", 12, COMPARISON.LT)),
        ("_to", "12", Filter("last_modified", 12, COMPARISON.LT)),
    ],
)
def test_each_kind_of_filter(name: str, text: str, condition: Filter) -> None:
    query = parse((name, text))

    assert query.filters == (condition,)
    assert query.include_deleted is (condition.field == "last_modified")
    assert query.retired == (("_to",) if name == "_to" else ())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nosuch", "1"),
        ("min_nosuch", "1"),
        ("_nosuch", "1"),
        ("", "1"),
        ("title.", "1"),
        (".title", "1"),
        ("title..a", "1"),
        ("title.\0", "1"),
        ("title" + ".a" * 40, "1"),
        ("mintitle", "1"),
        ("title", "a\0"),
        ("title", "'\\x00'"),
        ("title", "'\\ud800'"),
        ("status", str(2**70)),
        ("min_status", str(-(2**63) - 1)),
        ("in_id", "a,1"),
        ("exclude_id", "true"),
        ("in_last_modified", "a,1"),
        ("last_modified", "abc"),
        ("last_modified", ""),
        ("last_modified", str(2**63)),
        ("gt_last_modified", "1.5"),
        ("_since", "abc"),
        ("_since", ""),
        ("_since", '"5'),
        ("_since", '5"'),
        ("_since", "1;drop"),
        ("_since", "\0"),
        ("_before", "9" * 5000),
        ("_to", "null"),
        ("_sort", "nosuch"),
        ("_sort", "title..a"),
        ("_sort", ",".join(f"author.f{n}" for n in range(17))),
        ("_sort", "author" + ".a" * 1000),
        ("_limit", "-1"),
        ("_limit", "1.5"),
        ("_limit", "1e3"),
        ("_limit", "abc"),
        ("_limit", ""),
        ("_limit", "9" * 5000),
        ("_fields", "nosuch"),
        ("_fields", "title,nosuch.a"),
        ("_fields", "..."),
        ("_token", "!!!!"),
        ("_token", ""),
    ],
)
def test_what_cannot_be_understood_names_its_parameter(name: str, text: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse((name, text))

    assert caught.value.name == name
    assert caught.value.location == "querystring"
    assert caught.value.description


def test_an_unknown_filter_is_named_without_its_operator() -> None:
    with pytest.raises(QueryError, match="Unknown filter field 'nosuch'"):
        parse(("min_nosuch", "1"))


def test_an_unknown_sort_field_is_named() -> None:
    with pytest.raises(QueryError, match="Unknown sort field 'nosuch'"):
        parse(("_sort", "-nosuch"))


@pytest.mark.parametrize(
    ("text", "sorting"),
    [
        ("", NEWEST_FIRST),
        (",,", NEWEST_FIRST),
        ("title", (Sort("title", 1), *NEWEST_FIRST)),
        ("-title,+status", (Sort("title", -1), Sort("status", 1), *NEWEST_FIRST)),
        ("title,-title,title", (Sort("title", 1), *NEWEST_FIRST)),
        ("last_modified", (Sort("last_modified", 1), Sort("id", 1))),
        ("id", (Sort("id", 1),)),
        ("-id,title", (Sort("id", -1),)),
    ],
)
def test_sorting_always_ends_in_an_order_of_all_records(text: str, sorting: tuple[Sort, ...]) -> None:
    assert parse(("_sort", text)).sorting == sorting


def test_several_filters_stay_in_their_order() -> None:
    query = parse(("title", "a"), ("title", "b"), ("_since", "1"))

    assert [condition.value for condition in query.filters] == ["a", "b", 1]


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(QueryError, match="100 filters at most"):
        parse(*[(f"author.f{n}", "1") for n in range(101)])


@pytest.mark.parametrize("name", ["_sort", "_limit", "_token", "_fields"])
def test_what_can_be_said_once_is_said_once(name: str) -> None:
    with pytest.raises(QueryError, match=f"{name} is given more than once"):
        parse((name, "1"), (name, "1"))


def test_fields_come_once_and_in_order() -> None:
    assert parse(("_fields", "title, author.name,,title")).fields == ("title", "author.name")


@pytest.mark.parametrize(("text", "limit"), [("0", 0), ("7", 7), ("+7", 7), ("007", 7)])
def test_limits_are_whole_numbers(text: str, limit: int) -> None:
    assert parse(("_limit", text)).limit == limit

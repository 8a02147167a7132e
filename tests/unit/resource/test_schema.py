import colander
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet_like.kernel.clock import msec_time
from cliquet_like.resource.schema import URL, PermissionsSchema, ResourceSchema, TimeStamp


class Article(ResourceSchema):
    title = colander.SchemaNode(colander.String())

    class Options:
        readonly_fields = ("author",)


class Note(ResourceSchema):
    class Options:
        preserve_unknown = True


def test_options_that_are_not_said_have_their_defaults() -> None:
    assert Article.get_option("readonly_fields") == ("author",)
    assert Article.get_option("unique_fields") == ()
    assert Article.get_option("preserve_unknown") is False
    assert Article.is_readonly("author")
    assert not Article.is_readonly("title")


def test_an_option_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(AttributeError):
        Article.get_option("nosuch")


def test_unknown_fields_are_dropped_or_kept() -> None:
    assert Article().deserialize({"title": "a", "other": 1}) == {"title": "a"}
    assert Note().deserialize({"title": "a", "other": [1]}) == {"title": "a", "other": [1]}


def test_a_timestamp_is_now_when_it_is_absent() -> None:
    before = msec_time()

    value = TimeStamp().deserialize()

    assert before <= value <= msec_time()


def test_a_timestamp_that_is_given_is_kept() -> None:
    assert TimeStamp().deserialize(12) == 12


def test_without_auto_now_an_absent_timestamp_is_none() -> None:
    assert TimeStamp(auto_now=False).deserialize() is None
    assert TimeStamp(auto_now=False, missing=3).deserialize() == 3


def test_a_timestamp_is_a_number() -> None:
    with pytest.raises(colander.Invalid):
        TimeStamp().deserialize("abc")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://user:password@localhost:8000/a?b=c#d",
        "http://hostname/",
        "ftp://example.org/a",
        "HTTP://EXAMPLE.ORG/",
        "http://[::1]:80/",
        "http://中文.example/é",
        "http://x/" + "a" * 2039,
    ],
)
def test_absolute_urls_are_taken(url: str) -> None:
    assert URL().deserialize(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "example.org",
        "/a/b",
        "//example.org/a",
        "javascript:alert(1)",
        "javascript://example.org/%0aalert(1)",
        "data:text/html,x",
        "http://",
        "http:///a",
        "http://:80/",
        "http://x:99999/",
        "http://x:0/",
        "http://[::1/",
        "http://exa mple.org",
        "http://x/a\nb",
        "http://x/a\x7fb",
        "http://x/" + "a" * 2040,
        12,
        None,
        {"a": 1},
    ],
)
def test_other_texts_are_no_urls(url: object) -> None:
    with pytest.raises(colander.Invalid):
        URL().deserialize(url)


def test_permissions_are_lists_of_principals() -> None:
    schema = PermissionsSchema(permissions=("read", "write"))

    assert schema.known_perms == ("read", "write")
    assert schema.deserialize({"read": ["a", "b"], "write": []}) == {"read": ["a", "b"], "write": []}
    assert schema.deserialize({}) == {}


def test_any_permission_is_known_when_none_is_listed() -> None:
    assert PermissionsSchema().deserialize({"fly": ["a"]}) == {"fly": ["a"]}


def test_optional_permissions_may_be_absent() -> None:
    assert PermissionsSchema(missing=colander.drop).deserialize() is colander.drop


@pytest.mark.parametrize(
    ("permissions", "named"),
    [({"fly": ["a"]}, "fly"), ({"read": "a"}, "read"), ({"read": [1]}, "read"), ({"write": None}, "write")],
)
def test_a_wrong_permission_is_named_each_time(permissions: dict[str, object], named: str) -> None:
    schema = PermissionsSchema(permissions=("read", "write"), name="permissions")

    for _ in range(2):
        with pytest.raises(colander.Invalid) as caught:
            schema.deserialize(permissions)
        assert list(caught.value.asdict()) == [f"permissions.{named}"]
    assert schema.deserialize({"read": ["a"]}) == {"read": ["a"]}


@pytest.mark.parametrize("permissions", [[], None, "read", 1])
def test_permissions_are_a_mapping(permissions: object) -> None:
    with pytest.raises(colander.Invalid, match="Should be an object of permissions"):
        PermissionsSchema().deserialize(permissions)


def takes(url: str) -> bool:
    try:
        URL().deserialize(url)
    except colander.Invalid:
        return False
    return True


@given(st.text(st.sampled_from("ab.-:/@?#[]%0 \x00\t\x7féA"), max_size=12))
def test_how_a_scheme_is_written_makes_no_difference(rest: str) -> None:
    assert takes(f"http://{rest}") is takes(f"HTTP://{rest}")


def test_a_plain_url_may_have_2048_characters() -> None:
    longest = "http://a/".ljust(2048, "b")

    assert takes(longest)
    assert not takes(f"{longest}b")

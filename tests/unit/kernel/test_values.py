import pytest

from cliquet_like.kernel.values import environment_name, native_value, read_env


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True),
        ("True", True),
        ("YES", True),
        ("off", False),
        ("false", False),
        ("No", False),
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("3.5", 3.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("None", None),
        ("'7'", "7"),
        ('"true"', "true"),
        ("[1, 'a']", [1, "a"]),
        ("{'a': 1}", {"a": 1}),
        (" 7 ", 7),
    ],
)
def test_texts_are_what_people_mean(text: str, value: object) -> None:
    result = native_value(text)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "0033",
        "1_000",
        "0x10",
        "1e999",
        "null",
        "\u0661",
        "[draft]",
        "'open",
        "[" * 4000 + "]" * 4000,
        "(" * 90 + "-" * 4000,
        "{[]: 1}",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert native_value(text) == text


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": "b"}])
def test_what_is_no_text_is_unchanged(value: object) -> None:
    assert native_value(value) is value


def test_names_of_environment_variables() -> None:
    assert environment_name("kinto.cache-url") == "KINTO_CACHE_URL"


def test_the_environment_overrides_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIQUET_LIKE_PAGINATE_BY", "5")

    assert read_env("cliquet_like.paginate_by", "10") == 5
    assert read_env("cliquet_like.backoff", "10") == 10

"""From spellings and environment to one value."""

import pytest
from pyramid import testing
from pyramid.exceptions import ConfigurationError

from cliquet_like import load_default_settings
from cliquet_like.settings.resolution import check_settings, read_members, read_named_settings


@pytest.fixture
def resolve():
    def resolved(settings, defaults=None, project_name="shelf"):
        with testing.testConfig(settings={"project_name": project_name, **settings}) as config:
            load_default_settings(config, defaults or {})
            return config.get_settings()

    return resolved


@pytest.mark.parametrize("spelled", ["size", "cliquet_like.size", "shelf.size"])
def test_three_spellings_are_one_setting(resolve, spelled):
    settings = resolve({spelled: "3"})

    assert settings["size"] == 3
    assert not [key for key in settings if key.endswith(".size")]


def test_equal_values_may_be_repeated(resolve):
    settings = resolve({"size": 3, "cliquet_like.size": "3", "shelf.size": "3"})

    assert settings["size"] == 3


def test_contradictions_are_refused(resolve):
    with pytest.raises(ValueError, match="'size'"):
        resolve({"cliquet_like.size": "3", "shelf.size": "4"})


def test_other_prefixes_stay(resolve):
    settings = resolve({"multiauth.policies": "a b", "other.size": "4"})

    assert settings["multiauth.policies"] == "a b"
    assert settings["other.size"] == 4


def test_without_project_name_there_is_one_prefix(resolve):
    settings = resolve({"cliquet_like.size": "1", ".size": "2"}, project_name="")

    assert (settings["size"], settings[".size"]) == (1, 2)


def test_defaults_fill_gaps_only(resolve):
    settings = resolve({"shelf.size": 3}, {"cliquet_like.size": 1, "shelf.colour": "red", "paths": ["a"]})

    assert (settings["size"], settings["colour"], settings["paths"]) == (3, "red", ["a"])


def test_resolving_twice_changes_nothing(monkeypatch):
    monkeypatch.setenv("SHELF_SIZE", "7")
    with testing.testConfig(settings={"project_name": "shelf", "cliquet_like.size": 3}) as config:
        load_default_settings(config, {})
        once = dict(config.get_settings())
        load_default_settings(config, {})

        assert dict(config.get_settings()) == once
        assert once["size"] == 7


@pytest.mark.parametrize(
    ("environment", "value"),
    [
        ({"SIZE": "1"}, 1),
        ({"SIZE": "1", "SHELF_SIZE": "2"}, 2),
        ({"SIZE": "1", "SHELF_SIZE": "2", "CLIQUET_LIKE_SIZE": "3"}, 3),
        ({"CLIQUET_LIKE_SIZE": ""}, ""),
    ],
)
def test_the_environment_overrides_the_more_exact_name_first(resolve, monkeypatch, environment, value):
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    assert resolve({"shelf.size": 0})["size"] == value


def test_dots_and_dashes_are_underscores_in_the_environment(resolve, monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_FXA_OAUTH_CLIENT_ID", "abc")

    assert resolve({"fxa-oauth.client_id": None})["fxa-oauth.client_id"] == "abc"


def test_a_setting_without_default_is_read_from_the_environment(resolve, monkeypatch):
    monkeypatch.setenv("SHELF_HTTP_API_VERSION", "1.10")

    assert resolve({})["http_api_version"] == "1.10"


def test_texts_stay_texts(resolve):
    settings = resolve(
        {"cliquet_like.project_version": "1.10", "userid_hmac_secret": "12345", "size": "1.10"}
    )

    assert settings["project_version"] == "1.10"
    assert settings["userid_hmac_secret"] == "12345"
    assert settings["size"] == 1.1


def test_the_project_name_may_come_from_the_environment(resolve, monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_PROJECT_NAME", "attic")

    settings = resolve({"attic.size": 3})

    assert settings["size"] == 3
    assert settings["project_name"] == "attic"


def test_a_text_of_a_pattern_stays_the_text_it_is():
    settings = {"fxa-oauth.client_id": "5882386012345e12", "back": "5882386012345e12"}

    with testing.testConfig(settings=settings) as config:
        load_default_settings(config, {})

        kept = config.get_settings()

    assert kept["fxa-oauth.client_id"] == "5882386012345e12"
    assert kept["back"] == 5.882386012345e24


def test_names_of_a_pattern_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHELF_RECORD_ARTICLE_PUT_ENABLED", "false")
    monkeypatch.setenv("CLIQUET_LIKE_ARTICLE_CACHE_EXPIRES_SECONDS", "60")
    names = ["record_article_put_enabled", "article_cache_expires_seconds", "record_article_get_enabled"]

    with testing.testConfig(settings={"project_name": "shelf"}) as config:
        read_named_settings(config, names)

        assert [config.get_settings().get(name) for name in names] == [False, 60, None]


def test_a_name_that_is_set_keeps_its_value(monkeypatch):
    monkeypatch.setenv("ARTICLE_CACHE_EXPIRES_SECONDS", "60")

    with testing.testConfig(settings={"article_cache_expires_seconds": 3}) as config:
        read_named_settings(config, ["article_cache_expires_seconds"])

        assert config.get_settings()["article_cache_expires_seconds"] == 3


def test_a_wrong_value_of_a_named_setting_is_refused(monkeypatch):
    monkeypatch.setenv("ARTICLE_CACHE_EXPIRES_SECONDS", "abc")

    with (
        testing.testConfig(settings={}) as config,
        pytest.raises(ConfigurationError, match=r"^Setting article_cache_expires_seconds: 'abc'"),
    ):
        read_named_settings(config, ["article_cache_expires_seconds"])


@pytest.mark.parametrize("prefix", ["", "SHELF_", "CLIQUET_LIKE_"])
def test_settings_of_members_are_read_from_the_environment(monkeypatch, prefix):
    monkeypatch.setenv(f"{prefix}JOBS_QUEUE_URL", "queue://")
    monkeypatch.setenv(f"{prefix}JOBS_OTHER_URL", "other://")

    with testing.testConfig(settings={"project_name": "shelf"}) as config:
        read_members(config, "jobs.", ["queue", "mail"])

        assert config.get_settings()["jobs.queue.url"] == "queue://"
        assert "jobs.other.url" not in config.get_settings()


@pytest.mark.parametrize("members", [["a", "a_b", "a_b_c"], ["a_b_c", "a_b", "a"]], ids=["up", "down"])
def test_a_variable_is_for_the_member_with_the_longest_name(monkeypatch, members):
    for name in ("A_USE", "A_B_USE", "A_B_C_USE", "A_C_USE"):
        monkeypatch.setenv(f"CLIQUET_LIKE_JOBS_{name}", name)

    with testing.testConfig(settings={}) as config:
        read_members(config, "jobs.", members)

        found = {name: value for name, value in config.get_settings().items() if name.startswith("jobs.")}
    assert found == {
        "jobs.a.use": "A_USE",
        "jobs.a_b.use": "A_B_USE",
        "jobs.a_b_c.use": "A_B_C_USE",
        "jobs.a.c_use": "A_C_USE",
    }


def test_members_whose_variables_are_the_same_have_the_same_value(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_JOBS_A_B_SIZE", "3")

    with testing.testConfig(settings={}) as config:
        read_members(config, "jobs.", ["a-b", "a_b"])

        assert [config.get_settings()[f"jobs.{name}.size"] for name in ("a-b", "a_b")] == [3, 3]


@pytest.mark.parametrize("variable", ["ANOTHER_CLIQUET_LIKE_JOBS_A_SIZE", "MY_JOBS_A_SIZE", "JOBS_A_"])
def test_a_variable_that_only_looks_like_a_member_is_not_read(monkeypatch, variable):
    monkeypatch.setenv(variable, "3")

    with testing.testConfig(settings={}) as config:
        before = dict(config.get_settings())
        read_members(config, "jobs.", ["a"])

        assert config.get_settings() == before


def test_only_settings_of_ours_are_checked():
    check_settings({"size": "abc", "my_new_search_enabled": "perhaps", "backoff": 3})

"""From spellings and environment to one value."""

import pytest
from pyramid import testing
from pyramid.exceptions import ConfigurationError

from cliquet_like import load_default_settings
from cliquet_like.settings.resolution import check_settings, read_named_settings, warn_of_mistakes
from tests.support import application


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


def test_a_mistake_is_told_with_the_nearest_name():
    with pytest.warns(
        UserWarning, match=r"cliquet_like\.paginate-by, did you mean cliquet_like\.paginate_by\?"
    ):
        warn_of_mistakes(["paginate-by"], {}, known=())


def test_a_name_near_to_none_is_just_unknown():
    with pytest.warns(UserWarning, match=r"Unknown setting cliquet_like\.qqq\.$"):
        warn_of_mistakes(["qqq"], {}, known=())


def test_known_names_and_patterns_are_no_mistakes(recwarn):
    warn_of_mistakes(["backoff", "article_cache_expires_seconds", "mine"], {"backoff": 3}, known=["mine"])

    assert list(recwarn) == []


def warned(recwarn, settings=None, known=()):
    warn_of_mistakes([], settings or {}, known)
    return [str(warning.message) for warning in recwarn.list]


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (
            "CLIQUET_LIKE_STORAGE_BACKND",
            "Unknown variable CLIQUET_LIKE_STORAGE_BACKND, did you mean CLIQUET_LIKE_STORAGE_BACKEND?",
        ),
        ("CLIQUET_LIKE_COLUR", "Unknown variable CLIQUET_LIKE_COLUR, did you mean CLIQUET_LIKE_COLOUR?"),
        ("CLIQUET_LIKE_QQQ", "Unknown variable CLIQUET_LIKE_QQQ."),
    ],
)
def test_a_variable_that_sets_nothing_is_told_with_the_nearest_name(monkeypatch, recwarn, variable, text):
    monkeypatch.setenv(variable, "5ec3e7")

    assert warned(recwarn, known=["colour"]) == [text]


@pytest.mark.parametrize(
    "variable",
    [
        "CLIQUET_LIKE_STORAGE_BACKEND",
        "CLIQUET_LIKE_RETRY_ATTEMPTS",
        "CLIQUET_LIKE_HTTP_API_VERSION",
        "CLIQUET_LIKE_ARTICLE_CACHE_EXPIRES_SECONDS",
        "CLIQUET_LIKE_ARTICLE_CREATE_PRINCIPALS",
        "CLIQUET_LIKE_COLLECTION_ARTICLE_PUT_ENABLED",
        "CLIQUET_LIKE_RECORD_ARTICLE_PUT_ENABLED",
        "CLIQUET_LIKE_EVENT_LISTENERS_QUEUE_USE",
        "CLIQUET_LIKE_MULTIAUTH_GROUPFINDER",
        "CLIQUET_LIKE_MULTIAUTH_POLICY_LDAP_SERVER_URL",
        "CLIQUET_LIKE_FXA_OAUTH_CLIENT_ID",
        "CLIQUET_LIKE_OF_A_PLUGIN_S",
        "CLIQUET_LIKE_OF_THE_FILE",
        "CLIQUET_LIKE_TEST_REDIS_URL",
        "CLIQUET_LIKE_SHELF_BACKND",
        "CLIQUET_STORAGE_BACKND",
        "SHELF_STORAGE_BACKND",
        "STORAGE_BACKND",
    ],
)
def test_other_variables_are_not_told(monkeypatch, recwarn, variable):
    monkeypatch.setenv(variable, "1")
    settings = {"project_name": "cliquet-like.shelf", "of.the-file": 3}

    assert warned(recwarn, settings, known=["of_a.plugin-s"]) == []


def test_a_project_that_is_named_as_the_library_is_told_all_the_same(monkeypatch, recwarn):
    monkeypatch.setenv("CLIQUET_LIKE_QQQ", "1")

    assert warned(recwarn, {"project_name": "cliquet-like"}) == ["Unknown variable CLIQUET_LIKE_QQQ."]


def test_an_application_starts_with_a_warning_of_a_variable_that_sets_nothing(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_PAGINATE", "3")

    with pytest.warns(UserWarning, match="CLIQUET_LIKE_PAGINATE, did you mean CLIQUET_LIKE_PAGINATE_BY?"):
        application()


def test_a_setting_of_a_later_version_is_told():
    with pytest.warns(UserWarning, match="fxa-oauth.client_id has no effect in this version yet"):
        warn_of_mistakes([], {"fxa-oauth.client_id": "5e0e8a", "statsd_url": ""}, known=())


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


def test_only_settings_of_ours_are_checked():
    check_settings({"size": "abc", "my_new_search_enabled": "perhaps", "backoff": 3})

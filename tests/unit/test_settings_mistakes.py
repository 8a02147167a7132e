"""What an application that starts is warned of."""

import pytest

from cliquet_like.settings.mistakes import warn_of_mistakes
from tests.support import application


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


STEP = "cliquet_like.initialization.setup_json_serializer"


@pytest.mark.parametrize(
    ("name", "value", "step"),
    [
        ("sentry_dsn", "https://public@127.0.0.1/1", "setup_sentry"),
        ("statsd_url", "udp://127.0.0.1:8125", "setup_statsd"),
    ],
)
def test_a_setting_whose_step_is_left_out_is_told(name, value, step):
    message = rf"Setting {name} has no effect: .*cliquet_like\.initialization\.{step}"

    with pytest.warns(UserWarning, match=message):
        application({name: value, "initialization_sequence": STEP})


@pytest.mark.parametrize(("name", "made"), [("sentry_dsn", "error_reports"), ("statsd_url", "statsd")])
def test_an_application_may_make_use_of_a_setting_by_itself(recwarn, name, made):
    def setup(config):
        setattr(config.registry, made, object())

    application({name: "mine", "initialization_sequence": STEP}, setup=setup)

    assert list(recwarn) == []


def test_no_step_is_missing_without_its_setting(recwarn):
    application({"sentry_dsn": "", "statsd_url": None, "initialization_sequence": STEP})

    assert list(recwarn) == []

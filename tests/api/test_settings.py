"""Settings, as clients notice them."""

import pytest

from tests.support import application


def shown(app):
    return app.get("/v1/").json["settings"]["batch_max_requests"]


@pytest.mark.parametrize(
    "spelled", ["batch_max_requests", "cliquet_like.batch_max_requests", "shelf.batch_max_requests"]
)
def test_a_setting_may_be_spelled_in_three_ways(spelled):
    assert shown(application({spelled: "7"})) == 7


def test_the_environment_wins(monkeypatch):
    monkeypatch.setenv("SHELF_BATCH_MAX_REQUESTS", "8")

    assert shown(application({"batch_max_requests": 7})) == 8


def test_the_library_s_own_variable_wins_over_the_project_s(monkeypatch):
    monkeypatch.setenv("SHELF_BATCH_MAX_REQUESTS", "8")
    monkeypatch.setenv("CLIQUET_LIKE_BATCH_MAX_REQUESTS", "9")

    assert shown(application()) == 9


def test_the_project_is_named_in_the_environment(monkeypatch):
    monkeypatch.setenv("CLIQUET_LIKE_PROJECT_NAME", "attic")

    assert application().get("/v1/").json["project_name"] == "attic"


def test_two_applications_have_their_own_settings():
    one, two = application({"batch_max_requests": 1}), application({"batch_max_requests": 2})

    assert [shown(app) for app in (one, two, one)] == [1, 2, 1]

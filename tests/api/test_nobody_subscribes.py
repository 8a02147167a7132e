"""Applications in which nobody subscribes to events: Pyramid makes none, until somebody does."""

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated, ContextFound, NewRequest, NewResponse
from pyramid.interfaces import IApplicationCreated, INewRequest
from pyramid.request import Request
from pyramid_multiauth import MultiAuthPolicySelected, MultiAuthSecurityPolicy
from webtest import TestApp
from zope.interface import Interface, implementedBy

import cliquet_like
from cliquet_like.authentication import BasicAuthAuthenticationPolicy
from cliquet_like.events import AfterResourceChanged, AfterResourceRead, ResourceChanged, ResourceRead
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth
from tests.listening import hear
from tests.support import open_service


def client(*subscribed: Any, after: Any = None) -> TestApp:
    """Client of an application, in which somebody subscribes to these events."""
    config = Configurator(settings=MEMORY_SETTINGS)
    cliquet_like.initialize(config, version="1.0")
    config.scan("tests.resources")
    for event in subscribed:
        config.add_subscriber(lambda event: None, event)
    if after is not None:
        after(config)
    return TestApp(config.make_wsgi_app(), extra_environ={"HTTP_AUTHORIZATION": basic_auth("ada")})


@pytest.mark.parametrize("subscribed", [(), (ApplicationCreated, IApplicationCreated)])
def test_no_events_are_made_for_nobody(subscribed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr("pyramid.router.NewRequest", made.append)
    app = client(*subscribed)

    assert app.get("/v1/notes").headers["X-Content-Type-Options"] == "nosniff"
    assert app.post_json("/v1/bookmarks", {"data": {}}, status=400).json["details"]
    assert made == []


@pytest.mark.parametrize("event", [NewRequest, INewRequest, Interface, MultiAuthPolicySelected, ResourceRead])
def test_who_subscribes_at_the_start_is_heard(event: Any) -> None:
    heard: list[Any] = []

    client(after=lambda config: config.add_subscriber(heard.append, event)).get("/v1/notes")

    assert heard


def test_who_subscribes_without_telling_the_registry_is_heard() -> None:
    heard: list[Any] = []

    def after(config: Configurator) -> None:
        config.registry.adapters.subscribe((implementedBy(NewRequest),), None, heard.append)

    client(after=after).get("/v1/")

    assert heard


def test_who_subscribes_when_the_application_is_made_is_heard() -> None:
    heard: list[Any] = []

    def after(config: Configurator) -> None:
        config.add_subscriber(lambda event: hear_in(event.app.registry, heard), ApplicationCreated)

    client(after=after).get("/v1/")

    assert heard


def hear_in(registry: Any, heard: list[Any]) -> None:
    """Subscribe late."""
    registry.registerHandler(heard.append, (NewRequest,))


def test_a_second_application_of_a_configurator_is_told_of() -> None:
    heard: list[Any] = []
    config = Configurator(settings=MEMORY_SETTINGS)
    cliquet_like.initialize(config, version="1.0")
    config.add_subscriber(heard.append, ApplicationCreated)

    apps = [config.make_wsgi_app() for _ in range(2)]

    assert [event.app for event in heard] == apps
    for app in apps:
        assert TestApp(app).get("/v1/").headers["X-Content-Type-Options"] == "nosniff"


def test_a_subrequest_with_a_callback_of_its_own_is_finished_too() -> None:
    seen: list[str] = []

    def view(request: Any) -> Any:
        subrequest = Request.blank("/v1/")
        subrequest.add_response_callback(lambda request, response: seen.append("own"))
        response = request.invoke_subrequest(subrequest)
        seen.append(response.headers["X-Content-Type-Options"])
        return response.json

    app = client(after=lambda config: config.add_cornice_service(open_service(view)))

    assert app.get("/v1/thing").json["project_version"] == "1.0"
    assert seen == ["own", "nosniff"]


def test_another_security_policy_tells_by_its_event_whom_it_selected() -> None:
    def after(config: Configurator) -> None:
        policy = BasicAuthAuthenticationPolicy()
        policy._pyramid_multiauth_name = "own"
        config.set_security_policy(MultiAuthSecurityPolicy([policy]))
        config.commit()

    assert client(after=after).get("/v1/").json["user"]["id"].startswith("own:")


def test_who_subscribes_later_is_heard() -> None:
    app = client()
    app.get("/v1/notes")

    heard = hear(
        app,
        *(NewRequest, MultiAuthPolicySelected, ContextFound, ResourceRead, ResourceChanged),
        *(AfterResourceRead, AfterResourceChanged, NewResponse),
    )
    app.get("/v1/notes")
    app.post_json("/v1/notes", {"data": {"text": "a"}})

    of_pyramid = [NewRequest, ContextFound, MultiAuthPolicySelected]
    assert [type(event) for event in heard] == [
        *(*of_pyramid, ResourceRead, AfterResourceRead, NewResponse),
        *(*of_pyramid, ResourceChanged, AfterResourceChanged, NewResponse),
    ]


def test_a_request_knows_its_user_with_another_groupfinder() -> None:
    config = Configurator(
        settings={**MEMORY_SETTINGS, "multiauth.groupfinder": "tests.api.test_nobody_subscribes.no_groups"}
    )
    cliquet_like.initialize(config, version="1.0")
    app = TestApp(config.make_wsgi_app(), extra_environ={"HTTP_AUTHORIZATION": basic_auth("ada")})

    assert app.get("/v1/").json["user"]["id"].startswith("basicauth:")


def no_groups(userid: str, request: Any) -> list[str]:
    """Groupfinder of an application."""
    return []

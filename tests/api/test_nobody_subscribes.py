"""Applications in which nobody subscribes to events: Pyramid makes none, until somebody does."""

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.events import ApplicationCreated, ContextFound, NewRequest, NewResponse
from pyramid.interfaces import IApplicationCreated, INewRequest
from pyramid_multiauth import MultiAuthPolicySelected
from webtest import TestApp
from zope.interface import Interface

import cliquet_like
from cliquet_like.events import AfterResourceChanged, AfterResourceRead, ResourceChanged, ResourceRead
from cliquet_like.testing.app import MEMORY_SETTINGS, basic_auth
from tests.listening import hear


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
def test_no_events_are_made_for_nobody(subscribed: Any) -> None:
    assert client(*subscribed).app.registry.has_listeners is False


@pytest.mark.parametrize("event", [NewRequest, INewRequest, Interface, ResourceChanged])
def test_who_subscribes_at_the_start_is_heard(event: Any) -> None:
    assert client(event).app.registry.has_listeners is True


def test_who_adapts_events_is_heard() -> None:
    def after(config: Configurator) -> None:
        config.registry.registerSubscriptionAdapter(lambda event: None, (NewRequest,), Interface)

    assert client(after=after).app.registry.has_listeners is True


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

"""Requests with extensions of an application: as Pyramid gives them, whoever makes the request."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pyramid import testing
from pyramid.config import Configurator
from pyramid.interfaces import IRequest
from pyramid.request import Request, apply_request_extensions
from pyramid.response import Response
from pyramid.scripting import prepare
from zope.interface import providedBy

from cliquet_like.web.extensions import extend_requests, new_request

Configure = Callable[[Configurator], None]


class OwnRequest(Request):
    """Class of an application, with attributes of every sort."""

    greeting = "of the class"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.written = "of the factory"

    def said(self) -> str:
        return "of the class"

    @property
    def fixed(self) -> str:
        return "of the class"


class OtherRequest(OwnRequest):
    """Its maker gives requests of another class."""

    def __new__(cls, *_: Any, **__: Any) -> Any:
        return object.__new__(OwnRequest)

    @classmethod
    def blank(cls, *args: Any, **kwargs: Any) -> Any:
        return OwnRequest.blank(*args, **kwargs)


def path_of(request: Any) -> str:
    return f"{request.path} of {request.registry.title}"


def count_up(request: Any) -> int:
    request.registry.count += 1
    return int(request.registry.count)


def extend(config: Configurator) -> None:
    config.add_request_method(path_of)
    config.add_request_method(path_of, name="title", property=True)
    config.add_request_method(count_up, name="once", reify=True)
    config.add_request_method(count_up, name="each_time", property=True)
    guarded = property(lambda request: request.path, lambda *_: None)
    config.add_request_method(guarded, name="guarded", property=True)


def seen(request: Any) -> Response:
    """View of whatever a request shows."""
    request.title_before = request.title
    request.title = request.each_time_before = "assigned"
    request.guarded = "assigned"
    names = (request.path_of(), request.title_before, request.title, request.guarded)
    counts = (request.once, request.once, request.each_time, request.each_time)
    provided = providedBy(request)
    return Response(json_body=[names, counts, type(request).__name__, IRequest in provided])


def router_of(configure: Configure, **arguments: Any) -> Any:
    """Router of an application with one view, whose requests are Pyramid's business alone."""
    config = Configurator(settings={}, **arguments)
    config.registry.title = "a shelf"
    config.registry.count = 0
    configure(config)
    config.add_route("seen", "/seen")
    config.add_view(seen, route_name="seen")
    return config.make_wsgi_app()


def extended(configure: Configure, **arguments: Any) -> Any:
    router = router_of(configure, **arguments)
    extend_requests(router)
    return router


def is_made_once(router: Any) -> bool:
    one, other = (router.request_context(Request.blank("/").environ).request for _ in range(2))
    return type(one) is type(other)


def policy(environ: dict[str, Any], router: Any) -> Any:
    with router.request_context(environ) as request:
        return router.invoke_request(request)


def through_policy(config: Configurator) -> None:
    extend(config)
    config.set_execution_policy(policy)


def of_a_script(router: Any) -> Any:
    with prepare(registry=router.registry) as made:
        made["request"].environ["PATH_INFO"] = "/seen"
        return seen(made["request"])


def of_the_server(router: Any) -> Any:
    return Request.blank("/seen").get_response(router)


def of_pyramid_testing(router: Any) -> Any:
    request = testing.DummyRequest(path="/seen")
    request.registry = router.registry
    apply_request_extensions(request)
    return seen(request)


def foreign(router: Any, use_tweens: bool) -> Any:
    return router.invoke_subrequest(Request.blank("/seen"), use_tweens=use_tweens)


def of_another_application(router: Any) -> Any:
    request = new_request(extended(extend).registry, Request.blank("/seen").environ)
    return router.invoke_subrequest(request)


def of_ours(router: Any) -> Any:
    return router.invoke_subrequest(new_request(router.registry, Request.blank("/seen").environ))


def of_ours_copied(router: Any) -> Any:
    return router.invoke_subrequest(new_request(router.registry, Request.blank("/seen").environ).copy())


WAYS: dict[str, Callable[[Any], Any]] = {
    "server": of_the_server,
    "script": of_a_script,
    "pyramid.testing": of_pyramid_testing,
    "foreign": partial(foreign, use_tweens=False),
    "foreign through tweens": partial(foreign, use_tweens=True),
    "of another application": of_another_application,
    "ours": of_ours,
    "copied": of_ours_copied,
}


@pytest.mark.parametrize("configure", [extend, through_policy], ids=["default", "policy"])
@pytest.mark.parametrize("factory", [None, OwnRequest], ids=["pyramid", "own"])
@pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS.keys())
def test_whoever_makes_a_request_it_has_the_extensions(
    ask: Callable[[Any], Any], factory: Any, configure: Configure
) -> None:
    ours, pyramids = (make(configure, request_factory=factory) for make in (extended, router_of))

    answers = ask(ours), ask(pyramids)

    assert answers[0].json == answers[1].json
    assert answers[0].json[0] == ["/seen of a shelf", "/seen of a shelf", "assigned", "/seen"]
    assert answers[0].json[1] == [1, 1, 2, 3]
    assert (is_made_once(ours), is_made_once(pyramids)) == (True, False)


def test_a_request_in_a_request_has_them() -> None:
    def around(request: Any) -> Any:
        return request.invoke_subrequest(Request.blank("/seen"))

    def configure(config: Configurator) -> None:
        extend(config)
        config.add_route("around", "/around")
        config.add_view(around, route_name="around")

    answer = Request.blank("/around").get_response(extended(configure))

    assert answer.json[0][0] == "/seen of a shelf"


@pytest.mark.parametrize("name", ["greeting", "written", "said", "fixed", "fresh"])
@pytest.mark.parametrize("kind", ["method", "property", "reify", "descriptor"])
def test_a_name_that_the_class_has_already_is_seen_as_pyramid_shows_it(kind: str, name: str) -> None:
    def configure(config: Configurator) -> None:
        if kind == "descriptor":
            config.add_request_method(property(lambda _: "extended"), name=name, property=True)
        else:
            options = {} if kind == "method" else {kind: True}
            config.add_request_method(lambda _: "extended", name=name, **options)

    def look(make: Callable[..., Any]) -> str:
        router = make(configure, request_factory=OwnRequest)
        try:
            value = getattr(router.request_context(Request.blank("/").environ).request, name)
        except AttributeError as error:
            return type(error).__name__
        return str(value() if callable(value) else value)

    assert look(extended) == look(router_of)


def no_function(config: Configurator) -> None:
    config.add_request_method(config.get_settings, name="a_bound_method")


def with_a_name_of_the_router(config: Configurator) -> None:
    config.add_request_method(lambda request, other: (request.path, other), name="invoke_subrequest")


def twice(config: Configurator) -> None:
    config.add_request_method(lambda _: "method", name="shouted")
    config.commit()
    config.add_request_method(lambda _: "property", name="shouted", property=True)


def nothing(config: Configurator) -> None:
    pass


@pytest.mark.parametrize(
    ("configure", "factory"),
    [
        (no_function, None),
        (with_a_name_of_the_router, None),
        (twice, None),
        (extend, OtherRequest),
        (extend, lambda environ: OwnRequest(environ)),
        (nothing, None),
    ],
    ids=["no function", "router", "twice", "other class", "function", "nothing"],
)
def test_what_a_class_cannot_show_is_left_to_pyramid(configure: Configure, factory: Any) -> None:
    ours, pyramids = (make(configure, request_factory=factory) for make in (extended, router_of))

    requests = [router.request_context(Request.blank("/").environ).request for router in (ours, pyramids)]

    assert sorted(vars(requests[0])) == sorted(vars(requests[1]))


@pytest.mark.parametrize("more", [nothing, no_function], ids=["method", "and what no class can show"])
def test_what_is_added_after_the_start_is_there(more: Configure) -> None:
    router = extended(extend)
    config = Configurator(registry=router.registry)
    config.add_request_method(path_of, name="late")
    more(config)
    config.commit()

    request = router.request_context(Request.blank("/seen").environ).request
    request.registry = router.registry

    assert request.late() == "/seen of a shelf"
    assert request.path_of() == "/seen of a shelf"


def test_no_request_is_made_at_the_start() -> None:
    class Signed(Request):
        def __init__(self, environ: dict[str, Any]) -> None:
            super().__init__(environ)
            self.session = environ["a.session"]

    router = extended(extend, request_factory=Signed)

    request = router.request_context(Request.blank("/seen").environ | {"a.session": "ada's"}).request

    assert (request.session, request.guarded) == ("ada's", "/seen")


def test_what_the_factory_does_is_done_before_there_are_extensions() -> None:
    class Curious(Request):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.early = hasattr(self, "path_of"), hasattr(type(self), "guarded")
            self.guarded = "free to be assigned"

    router = extended(extend, request_factory=Curious)

    request = router.request_context(Request.blank("/seen").environ).request

    assert request.early == (False, False)
    assert (hasattr(request, "path_of"), request.guarded) == (True, "/seen")


def test_requests_of_a_registry_without_a_router_have_them_too() -> None:
    config = Configurator(settings={})
    config.registry.title = "no router"
    extend(config)
    config.commit()

    request = new_request(config.registry, Request.blank("/seen").environ)

    assert (request.path_of(), request.registry) == ("/seen of no router", config.registry)

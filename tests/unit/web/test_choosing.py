"""Views of one place: the one that Pyramid would choose, without asking those of other methods."""

import pytest
from pyramid.config import Configurator
from pyramid.config.views import MultiView
from pyramid.interfaces import IMultiView, IViewClassifier
from pyramid.request import Request
from pyramid.response import Response
from webob.acceptparse import create_accept_header
from webtest import TestApp

from cliquet_like.web.choosing import setup_choice

TAKES_JSON = "application/json"
LONG = ", ".join(f"text/x-{number}" for number in range(30))


def answering(text):
    return lambda request: Response(text, content_type="text/plain")


def counting(asked):
    """Predicate of an application, that does not hold when it is ``never``; it tells when it is asked."""

    class Counting:
        def __init__(self, value, config):
            self.value = value

        def text(self):
            return f"counting = {self.value}"

        phash = text

        def __call__(self, context, request):
            asked.append(f"{self.value} {request.method}")
            return self.value != "never"

    return Counting


def multiviews(config):
    return [known for known in config.registry.registeredAdapters() if known.provided is IMultiView]


def configurator(*, asked=None, is_quick=True, **arguments):
    config = Configurator(**arguments)
    config.add_view_predicate("counting", counting([] if asked is None else asked))
    config.add_route("place", "/place")
    if is_quick:
        setup_choice(config)
    for method, wanted in (("PUT", "never"), ("PUT", "put"), ("DELETE", "delete")):
        view = answering(f"{method} {wanted}")
        config.add_view(view, route_name="place", request_method=method, counting=wanted)
    config.add_view(answering("json"), route_name="place", request_method="GET", accept=TAKES_JSON)
    config.add_view(answering("plain"), route_name="place", request_method="GET", accept="text/plain")
    config.add_view(answering("other"), route_name="place")
    return config


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "X" * 101])
@pytest.mark.parametrize(
    "accept", [None, "", "*/*", TAKES_JSON, "text/plain", "text/*;q=0.1, application/json;q=0", "no", LONG]
)
def test_every_request_gets_the_view_that_pyramid_chooses(method, accept):
    headers = {} if accept is None else {"Accept": accept}
    ours, pyramids = (
        TestApp(configurator(is_quick=quick).make_wsgi_app(), lint=False) for quick in (True, False)
    )

    answers = [app.request("/place", method=method, headers=headers) for app in (ours, pyramids, ours)]

    assert answers[0].text == answers[1].text == answers[2].text


def test_only_views_of_the_method_are_asked_in_their_order():
    asked = []
    app = TestApp(configurator(asked=asked).make_wsgi_app())

    answer = app.put("/place")

    assert answer.text == "PUT put"
    assert asked == ["never PUT", "put PUT"]


@pytest.mark.parametrize(
    ("method", "accept", "number"),
    [("PUT", "*/*", 3), ("DELETE", "*/*", 2), ("GET", "*/*", 3), ("GET", "text/*", 2)],
)
def test_a_request_is_offered_the_views_that_may_fit(method, accept, number):
    config = configurator()
    config.make_wsgi_app()
    views = next(known.factory for known in multiviews(config))

    offered = views.get_views(Request.blank("/place", method=method, accept=accept))

    assert len(offered) == number


def test_a_view_that_comes_later_is_asked():
    config = configurator()
    app = TestApp(config.make_wsgi_app())
    before = app.patch("/place").text

    config.add_view(answering("later"), route_name="place", request_method="PATCH")
    config.commit()

    assert (before, app.patch("/place").text) == ("other", "later")


def test_views_without_accept_are_chosen_by_method():
    config = Configurator()
    setup_choice(config)
    config.add_route("place", "/place")
    config.add_view(answering("put"), route_name="place", request_method="PUT")
    config.add_view(answering("get"), route_name="place", request_method="GET")
    app = TestApp(config.make_wsgi_app())

    answers = [app.get("/place").text, app.put("/place").text, app.delete("/place", status=404).status_code]

    assert answers == ["get", "put", 404]


def test_a_request_that_reads_accept_in_its_own_way_is_believed():
    class OwnRequest(Request):
        accept = property(lambda self: create_accept_header(self.params.get("format")))

    app = TestApp(configurator(request_factory=OwnRequest).make_wsgi_app())

    answers = [app.get(f"/place?format={wanted}").text for wanted in (TAKES_JSON, "text/plain", "image/png")]

    assert answers == ["json", "plain", "other"]


def test_views_of_exceptions_and_classes_of_an_application_choose_as_they_like():
    class OwnViews(MultiView):
        pass

    config = configurator()
    config.add_notfound_view(answering("not found"), request_method="GET")
    config.add_notfound_view(answering("not found either"), request_method="PUT")
    config.commit()
    for known in multiviews(config):
        if known.required[0] is IViewClassifier:
            own = OwnViews("")
            own.views = known.factory.views
            config.registry.registerAdapter(own, known.required, IMultiView)

    app = TestApp(config.make_wsgi_app())

    assert {type(known.factory) for known in multiviews(config)} == {OwnViews, MultiView}
    assert app.delete("/place").text == "DELETE delete"
    assert app.get("/nowhere").text == "not found"
    assert app.put("/nowhere").text == "not found either"


def test_each_application_is_prepared_once():
    config = configurator()
    apps = [TestApp(config.make_wsgi_app()) for _ in range(2)]

    answers = [app.get("/place", headers={"Accept": TAKES_JSON}).text for app in apps]

    assert answers == ["json", "json"]

"""Choice among the views of one place: by the method first, and by an ``Accept`` header read once.

Pyramid asks one view after the other, and each that does not fit costs an exception, which is a
response with texts; it reads ``Accept`` for each view anew. Who fits a method and an ``Accept``
never changes after the start. All other predicates are asked as ever, in the same order.
"""

import functools
from typing import Any, Final

from pyramid.config.views import MultiView
from pyramid.events import ApplicationCreated
from pyramid.interfaces import IMultiView, IViewClassifier
from pyramid.predicates import AcceptPredicate, RequestMethodPredicate
from webob.acceptparse import create_accept_header
from webob.request import BaseRequest

_LONGEST: Final = 100
"""Characters of a method and of an ``Accept`` header that are kept: clients may send any."""

View = tuple[int, Any, str]


def setup_choice(config: Any) -> None:
    """Let the views of the application, those of plugins too, be chosen like that from the start on."""
    config.add_view_predicate(
        "accept", QuickAcceptPredicate, weighs_more_than="containment", weighs_less_than="header"
    )
    config.add_subscriber(_choose_by_method, ApplicationCreated)


class QuickAcceptPredicate(AcceptPredicate):
    """Whether the client takes what a view answers; one without ``Accept`` takes all (RFC 9110 12.5.1)."""

    def __call__(self, context: Any, request: Any) -> bool:
        """Whether the view may be asked."""
        if type(request).accept is not BaseRequest.accept:
            return bool(super().__call__(context, request))
        return bool(_acceptable(request.environ.get("HTTP_ACCEPT"), tuple(self.values)))


def _acceptable(accept: str | None, offers: tuple[str, ...]) -> tuple[str, ...]:
    """Offers that an ``Accept`` header takes, the best first; None is one that was not sent."""
    if len(accept or "") > _LONGEST:
        return _read_accept.__wrapped__(accept, offers)
    return _read_accept(accept, offers)


@functools.lru_cache(maxsize=256)
def _read_accept(accept: str | None, offers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(offer for offer, _ in create_accept_header(accept).acceptable_offers(offers))


class ViewsByMethod(MultiView):
    """The views of another one, of which a request is offered those of its method."""

    def __init__(self, views: MultiView) -> None:
        super().__init__(views.name)
        self.views = views.views
        self.media_views = views.media_views
        self.accepts = views.accepts
        self._known = functools.lru_cache(maxsize=64)(self._find)

    def add(self, *args: Any, **kwargs: Any) -> None:
        """Add a view, later than the others."""
        super().add(*args, **kwargs)
        self._known.cache_clear()

    def get_views(self, request: Any) -> list[View]:
        """Views that may fit, in the order in which they are asked."""
        if type(request).accept is not BaseRequest.accept:
            views: list[View] = super().get_views(request)
            return views
        method = request.method
        offers = _acceptable(request.environ.get("HTTP_ACCEPT"), tuple(self.accepts)) if self.accepts else ()
        return (self._find if len(method) > _LONGEST else self._known)(method, offers)

    def _find(self, method: str, offers: tuple[str, ...]) -> list[View]:
        views = [view for offer in offers for view in self.media_views[offer]]
        return [view for view in (*views, *self.views) if _takes(view[1], method)]


def _takes(view: Any, method: str) -> bool:
    predicates = getattr(view, "__predicates__", ())
    return all(method in one.val for one in predicates if isinstance(one, RequestMethodPredicate))


def _choose_by_method(event: Any) -> None:
    registry = event.app.registry
    for known in list(registry.registeredAdapters()):
        is_for_views = known.provided is IMultiView and known.required[0] is IViewClassifier
        # A class of the application's own chooses as it likes.
        if is_for_views and type(known.factory) is MultiView:
            registry.registerAdapter(ViewsByMethod(known.factory), known.required, IMultiView, known.name)

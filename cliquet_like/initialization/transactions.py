"""One transaction a request: what it writes is stored as a whole, or not at all."""

import io
from collections.abc import Callable
from typing import Any, Final

import pyramid_tm
from pyramid import viewderivers
from pyramid.interfaces import IResponseFactory, ITweens, IViewDerivers, IViewMapperFactory
from pyramid.settings import asbool
from pyramid.tweens import EXCVIEW
from pyramid_retry import is_last_attempt

from cliquet_like.drivers.on_demand import OnDemand
from cliquet_like.drivers.transactions import follow, is_following, joining, undo_what_is_left
from cliquet_like.events.firing import FIRING_TWEEN
from cliquet_like.initialization.metrics import timed_view
from cliquet_like.initialization.transport import TRANSACTION_TWEEN, TRANSPORT_TWEEN

Handler = Callable[[Any], Any]

_IN_MEMORY_BYTES: Final = 1024 * 1024
"""Bodies up to this size wait in memory for a second attempt, larger ones in a temporary file."""

_READ_AT_ONCE_BYTES: Final = 65536

CONTEXT_TWEEN: Final = "cliquet_like.initialization.transactions.context_tween_factory"
JOINING_TWEEN: Final = "cliquet_like.initialization.transactions.joining_tween_factory"
SEPARATE_TWEEN: Final = "cliquet_like.initialization.transactions.separate_tween_factory"

_OWN_TWEENS: Final = frozenset({JOINING_TWEEN, FIRING_TWEEN, EXCVIEW})
_KNOWN_DERIVERS: Final = (
    viewderivers.secured_view,
    viewderivers.csrf_view,
    viewderivers.owrapped_view,
    viewderivers.http_cached_view,
    viewderivers.decorated_view,
    viewderivers.rendered_view,
    viewderivers.mapped_view,
    timed_view,
)
"""Pyramid's own, and that of the metrics; another one may have the name of one of them."""

_TOUCHED: Final = "cliquet_like.touched"
"""Key of the environ, which all attempts of a request share: set of what is remembered over them."""


def setup_transactions(config: Any) -> None:
    """Include pyramid_tm and pyramid_retry, and let the databases of a request join its transaction.

    What an application sets of ``tm.*`` and ``retry.*`` stays as it is. When
    ``transaction_per_request`` is false, all this does is to keep the application apart from the
    transaction of one that calls it.
    """
    settings = config.get_settings()
    if not asbool(settings["transaction_per_request"]):
        config.add_tween(SEPARATE_TWEEN, under=TRANSPORT_TWEEN, over=(FIRING_TWEEN, EXCVIEW))
        return
    settings.setdefault("tm.manager_hook", manager_on_demand)
    settings.setdefault("tm.commit_veto", refuses)
    settings.setdefault("retry.activate_hook", attempts_at)
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    config.add_tween(CONTEXT_TWEEN, under=TRANSPORT_TWEEN, over=TRANSACTION_TWEEN)
    config.add_tween(JOINING_TWEEN, under=TRANSACTION_TWEEN, over=(FIRING_TWEEN, EXCVIEW))


def context_tween_factory(handler: Handler, registry: Any) -> Handler:
    """Tween over pyramid_tm: hooks before the commit are part of the transaction, those after it are not.

    What pyramid_tm leaves open (a hook raised before the commit, or somebody ends the thread) is
    undone. A transaction that was begun outside is left to who began it.
    """
    # Where there is another veto nobody may hear that a failure is a passing one.
    may_repeat = registry.settings.get("tm.commit_veto") in (None, refuses)

    def tween(request: Any) -> Any:
        environ = request.environ
        from_outside = "tm.active" in environ
        if from_outside and is_following(request.tm):
            return handler(request)
        memory = environ.setdefault(_TOUCHED, set())
        repeats = may_repeat and not (from_outside or is_last_attempt(request))
        # Who began it ends it: our view is not the last that may refuse.
        with joining(request.tm if from_outside else None, memory, repeats=repeats):
            try:
                return handler(request)
            finally:
                if not from_outside:
                    undo_what_is_left()

    return tween


def joining_tween_factory(handler: Handler, registry: Any) -> Handler:
    """Tween under pyramid_tm: the databases join what was begun with the request's manager, if anything."""
    is_view_last = only_views_refuse(registry)

    def tween(request: Any) -> Any:
        if "tm.active" in request.environ and not is_following(request.tm):
            follow(request.tm, ends_with=request if is_view_last else None)
        return handler(request)

    return tween


def only_views_refuse(registry: Any) -> bool:
    """Whether the application has nothing between a view and the commit that may refuse what the view did.

    Its subscribers to events of resources may, too, but they may come later.
    """
    tweens = registry.getUtility(ITweens)
    names = [name for name, _ in tweens.explicit or tweens.implicit()]
    below = names[names.index(TRANSACTION_TWEEN) + 1 :] if TRANSACTION_TWEEN in names else names
    derivers = registry.getUtility(IViewDerivers).values()
    return (
        registry.settings.get("tm.commit_veto") is refuses
        and _OWN_TWEENS.issuperset(below)
        and all(deriver in _KNOWN_DERIVERS for deriver in derivers)
        and registry.queryUtility(IViewMapperFactory) is None
        and registry.queryUtility(IResponseFactory) is None
    )


def separate_tween_factory(handler: Handler, registry: Any) -> Handler:
    """Tween of an application without transactions: it joins none, whoever called it."""

    def tween(request: Any) -> Any:
        with joining():
            return handler(request)

    return tween


def manager_on_demand(request: Any) -> OnDemand:
    """Manager whose transaction costs nothing where nobody writes."""
    return OnDemand(request.environ)


def refuses(request: Any, response: Any) -> bool:
    """Whether an answer, returned or raised, means that nothing of the request is kept: 4xx and 5xx."""
    if request.exc_info is not None:
        # pyramid_tm forgets to ask its members when there is a veto.
        pyramid_tm.maybe_tag_retryable(request, request.exc_info)
    return bool(response.status_code >= 400)


def attempts_at(request: Any) -> int | None:
    """One for a request whose body cannot be read, else None: as many as ``retry.attempts`` says."""
    if not request.is_body_readable:
        # What follows would do the same with more steps.
        request.environ |= {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0", "webob.is_body_seekable": True}
        return None
    request.request_body_tempfile_limit = _IN_MEMORY_BYTES
    try:
        _keep_body(request)
    except OSError as error:
        # Nothing answers exceptions here: whoever reads the body, further inside, shall meet this one.
        request.environ["wsgi.input"] = _Unreadable(error)
        return 1
    return None


def _keep_body(request: Any) -> None:
    """Let the body be read again and again; most are so small that one read gets them."""
    environ, length = request.environ, request.content_length
    if length is not None and length <= _READ_AT_ONCE_BYTES and not request.is_body_seekable:
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = io.BytesIO(body)
        if len(body) == length:
            request.is_body_seekable = True
            return
    # It tells of a client that left, too.
    request.make_body_seekable()


class _Unreadable(io.RawIOBase):
    """Body whose reading failed."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def readinto(self, buffer: Any) -> int:
        raise self._error

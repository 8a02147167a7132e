"""One transaction a request: what it writes is stored as a whole, or not at all."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pyramid_tm
from pyramid.tweens import EXCVIEW

from cliquet_like.drivers.transactions import joining
from cliquet_like.initialization.transport import TRANSACTION_TWEEN

_IN_MEMORY_BYTES: Final = 1024 * 1024
"""Bodies up to this size wait in memory for a second attempt, larger ones in a temporary file."""

_TWEEN: Final = "cliquet_like.initialization.transactions.joining_tween_factory"


def setup_transactions(config: Any) -> None:
    """Include pyramid_tm and pyramid_retry, and let the databases of a request join its transaction.

    What an application sets of ``tm.*`` and ``retry.*`` stays as it is.
    """
    settings = config.get_settings()
    settings.setdefault("tm.manager_hook", pyramid_tm.explicit_manager)
    settings.setdefault("tm.commit_veto", refuses)
    settings.setdefault("retry.activate_hook", attempts_at)
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    config.add_tween(_TWEEN, under=TRANSACTION_TWEEN, over=EXCVIEW)


def joining_tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Tween: databases that are written to by the handler join the transaction that pyramid_tm began."""

    def tween(request: Any) -> Any:
        if not request.environ.get("tm.active"):
            return handler(request)
        transaction = request.tm.get()
        with joining(transaction):
            try:
                response = handler(request)
            except Exception:
                raise
            except BaseException:
                # Somebody ends the thread: pyramid_tm lets that pass, and the locks would stay.
                transaction.abort()
                raise
        if any(transaction.getBeforeCommitHooks()):
            request.add_finished_callback(partial(_undo_what_is_left, transaction))
        return response

    return tween


def _undo_what_is_left(transaction: Any, request: Any) -> None:
    """End a transaction of which a hook prevented the commit by raising: pyramid_tm has let go of it."""
    if "tm.active" not in request.environ:
        transaction.abort()


def refuses(request: Any, response: Any) -> bool:
    """Whether an answer, returned or raised, means that nothing of the request is kept: 4xx and 5xx."""
    if request.exc_info is not None:
        # pyramid_tm forgets to ask its members when there is a veto.
        pyramid_tm.maybe_tag_retryable(request, request.exc_info)
    return bool(response.status_code >= 400)


def attempts_at(request: Any) -> int | None:
    """One for a request whose body cannot be read, else None: as many as ``retry.attempts`` says."""
    request.request_body_tempfile_limit = _IN_MEMORY_BYTES
    try:
        request.make_body_seekable()
    except OSError as error:
        # Nothing answers exceptions here: whoever reads the body, further inside, shall meet this one.
        request.environ["wsgi.input"] = _Unreadable(error)
        return 1
    return None


class _Unreadable(io.RawIOBase):
    """Body whose reading failed."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def readinto(self, buffer: Any) -> int:
        raise self._error

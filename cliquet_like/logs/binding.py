"""Which request is being answered, so that what is logged meanwhile carries its id.

The binding is a context variable: no thread and no task sees that of another. A thread that
works for a request is started in a copy of its context (``contextvars.copy_context().run``).
"""

import os
import re
from collections.abc import MutableMapping
from contextvars import ContextVar, Token
from typing import Any, Final

from cliquet_like.logs.masking import mask_text

REQUEST_ID: Final = "cliquet_like.request_id"
"""Key of the environ, which all attempts of a request share: its id, once somebody asked for it."""

_CURRENT: Final[ContextVar[Any]] = ContextVar("cliquet_like.request", default=None)
_ID: Final = re.compile(r"[A-Za-z0-9._:/+-]{1,128}")


def bind_request(request: Any) -> Token[Any]:
    """Bind a request to what is logged from now on, until :func:`unbind_request` gets the token."""
    return _CURRENT.set(request)


def unbind_request(token: Token[Any]) -> None:
    """Let all be as it was before."""
    _CURRENT.reset(token)


def answered_request() -> Any:
    """Request that is being answered, the outermost one of a batch; None outside of any."""
    return _CURRENT.get()


def request_id(environ: MutableMapping[str, Any]) -> str:
    """Id of a request: its ``X-Request-Id``, else a new one.

    It is taken when it is 1 to 128 characters of ``A-Za-z0-9._:/+-``, and holds no secret that
    :func:`~cliquet_like.logs.masking.mask_text` knows.
    """
    known: str | None = environ.get(REQUEST_ID)
    if known is None:
        sent = environ.get("HTTP_X_REQUEST_ID", "")
        # Bearer/abc: an id has no blanks, its credentials have another sign there.
        text = sent.replace("/", " ").replace("+", " ")
        known = sent if _ID.fullmatch(sent) and mask_text(text) == text else os.urandom(16).hex()
        environ[REQUEST_ID] = known
    return known

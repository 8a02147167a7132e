"""Writes that need no transaction around them: the only one of a request, and the last thing that it does.

A transaction costs a message for its COMMIT, which is as long as the write itself takes.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from cliquet_like.drivers.transactions import joining_nothing, may_stand_alone
from cliquet_like.events.firing import may_be_refused
from cliquet_like.events.recorder import is_ours
from cliquet_like.resource.model import Model
from cliquet_like.storage.whole import WholeWrites

Result = TypeVar("Result")

_WRITES: Final = (
    Model.create_record,
    Model.update_record,
    Model.replace_record,
    Model.delete_record,
    Model.delete_records,
)
_REFUSED: Final = 400
"""The first status with which nothing of a request is kept; it, or errors, may be there before the answer."""


def write_last(request: Any, write: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
    """Call a method of a model, which writes as the last thing that a view does but for its answer.

    What it wrote is lasting at once when nothing of the application is there that could undo it,
    or write something else that belongs to it.
    """
    if not _stands_alone(request, write):
        return write(*arguments, **options)
    with joining_nothing():
        return write(*arguments, **options)


def _stands_alone(request: Any, write: Any) -> bool:
    if not may_stand_alone(request) or getattr(write, "__func__", None) not in _WRITES:
        return False
    tell = getattr(request, "notify_resource_event", None)
    storage = write.__self__.storage
    return (
        isinstance(storage, WholeWrites)
        and storage.writes_whole
        and (tell is None or is_ours(tell))
        and not may_be_refused(request.registry)
        and not request.errors
        and request.response.status_code < _REFUSED
    )

"""What was done to records so far, in a request and its subrequests; events are made of it when asked for."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.merging import Notice, grouped
from cliquet_like.events.resource import ResourceEvent, event_class, payload_of
from cliquet_like.storage.copying import copy_json
from cliquet_like.storage.texts import RecordTexts
from cliquet_like.web.subrequests import shared_by

_KEY: Final = "cliquet_like.events.recorder"
_SEVERAL: Final = (list, RecordTexts)


class Recorder:
    """List of what was done, in its order."""

    def __init__(self) -> None:
        self._notices: list[Notice] = []

    def add(self, notice: Notice) -> None:
        """Keep a notice; it is not looked at before events are made."""
        self._notices.append(notice)

    def mark(self) -> int:
        """Place up to which it is filled now."""
        return len(self._notices)

    def forget_since(self, mark: int) -> None:
        """Drop what was added after a mark: it was undone."""
        del self._notices[mark:]

    def kinds(self, since: int = 0) -> set[bool]:
        """Whether something was read since a mark (True is in it), or changed (False is)."""
        return {notice.action is ACTIONS.READ for notice in self._notices[since:]}

    def events(self, *, after_commit: bool, since: int = 0) -> list[ResourceEvent]:
        """Events of what was done since a mark, merged as :func:`~cliquet_like.events.merging.grouped` says.

        Each call makes new ones, with copies of the changes. The timestamp is the newest, all else
        in the payload is of the first occurrence.
        """
        groups = grouped(self._notices[since:])
        return [_merged(notices, after_commit=after_commit) for notices in groups]


def _merged(notices: list[Notice], *, after_commit: bool) -> ResourceEvent:
    first = notices[0]
    timestamp = max(notice.timestamp for notice in notices)
    payload = payload_of(first.request, first.action, timestamp, first.resource_name, first.matchdict)
    records = [record for notice in notices for record in notice.records]
    if first.action is not ACTIONS.READ:
        records = [copy_json(record) for record in records]
    make = event_class(first.action, after_commit=after_commit)
    return make(first.action, timestamp, records, first.request, payload=payload)


def find_recorder(request: Any) -> Recorder | None:
    """The recorder that a request shares with its subrequests; None when nothing was done to any record."""
    recorder: Recorder | None = shared_by(request).get(_KEY)
    return recorder


def mark_events(request: Any) -> int:
    """Mark of what was done to records until now, for :func:`forget_events_since`."""
    recorder = find_recorder(request)
    return 0 if recorder is None else recorder.mark()


def forget_events_since(request: Any, mark: int) -> None:
    """Let no event tell of what was done after the mark: it was refused, or undone."""
    recorder = find_recorder(request)
    if recorder is not None:
        recorder.forget_since(mark)


def notify_resource_event(
    request: Any, timestamp: int, data: Any, action: ACTIONS | str, old: Any = None
) -> None:
    """Request method: tell what was done to a record, or to each of a list of records.

    ``data`` is the record read, or as it is stored now, or its tombstone; ``old`` is what an update
    replaced. Changes are copied: answers may be altered after this. No change of no records is
    an event; reading none is. Raises ``ValueError`` for an unknown action.
    """
    if not isinstance(action, ACTIONS):
        action = ACTIONS(action)
    # Texts are not read before events are made of them; a list may be altered until then.
    records: Sequence[Any] = data[:] if isinstance(data, _SEVERAL) else [data]
    if action is not ACTIONS.READ:
        if not records:
            return
        records = _changes(action, records, old)
    notice = Notice(request, request.current_resource_name, request.matchdict, action, timestamp, records)
    shared = shared_by(request)
    if _KEY not in shared:
        shared[_KEY] = Recorder()
    shared[_KEY].add(notice)


def is_ours(notify: Any) -> bool:
    """Whether a request's method is :func:`notify_resource_event`: it takes records as texts, too."""
    return getattr(notify, "__func__", None) is notify_resource_event


def _changes(action: ACTIONS, records: Iterable[Any], old: Any) -> list[dict[str, Any]]:
    if action is ACTIONS.DELETE:
        return [{"old": copy_json(record)} for record in records]
    if action is ACTIONS.CREATE:
        return [{"new": copy_json(record)} for record in records]
    previous = iter(old if isinstance(old, list) else [old])
    return [{"new": copy_json(record), "old": copy_json(next(previous, None))} for record in records]


def get_resource_events(request: Any, after_commit: bool = False) -> list[ResourceEvent]:
    """Request method: events of what was done until now, those before the commit or those after it."""
    recorder = find_recorder(request)
    return [] if recorder is None else recorder.events(after_commit=after_commit)

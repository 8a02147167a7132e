"""Which things that were done to records are told of in one event."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cliquet_like.events.actions import ACTIONS


class Notice(NamedTuple):
    """One thing that was done; applications may give the request other names later."""

    request: Any
    resource_name: str | None
    matchdict: Any
    action: ACTIONS
    timestamp: int
    records: Sequence[dict[str, Any]]


def grouped(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Notices of one event each: of one resource, action, user, and parent in the URL.

    Events stand in the order in which they came first. Where another event has told of the same
    record since, a new one begins: the order of events is the order of what happened to a record.
    """
    groups: list[list[Notice]] = []
    last_of_kind: dict[Hashable, int] = {}
    last_of_record: dict[Hashable, int] = {}
    for notice in notices:
        kind = _kind(notice)
        records = [] if notice.action is ACTIONS.READ else list(_records(notice))
        place = last_of_kind.get(kind, -1)
        if place < 0 or any(last_of_record.get(record, place) > place for record in records):
            place = len(groups)
            groups.append([])
        groups[place].append(notice)
        last_of_kind[kind] = place
        last_of_record.update(dict.fromkeys(records, place))
    return groups


def _kind(notice: Notice) -> Hashable:
    parents = {name: value for name, value in (notice.matchdict or {}).items() if name != "id"}
    user_id = notice.request.prefixed_userid
    return notice.resource_name, notice.action, user_id, tuple(sorted(parents.items()))


def _records(notice: Notice) -> Iterator[Hashable]:
    """What a change was about, by the default name of the id."""
    for change in notice.records:
        record = change.get("new") or change.get("old") or {}
        if "id" in record:
            yield notice.resource_name, str(record["id"])

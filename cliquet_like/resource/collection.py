"""Endpoints of a collection: list, create, delete many."""

from collections.abc import Sequence
from typing import Any

from cliquet_like.errors import send_alert
from cliquet_like.events.actions import ACTIONS
from cliquet_like.events.recorder import is_ours
from cliquet_like.kernel.codec import as_is
from cliquet_like.kernel.dicts import copy_deeply
from cliquet_like.resource.core import ResourceCore
from cliquet_like.resource.model import Model
from cliquet_like.resource.query import Query, QueryError, encode_token, parse_query
from cliquet_like.resource.refusals import raise_modified_meanwhile
from cliquet_like.resource.representation import project
from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.storage.query import Filter, Record

Body = dict[str, Any]


class CollectionEndpoints(ResourceCore):
    """GET, POST and DELETE of a collection."""

    _parameters: Sequence[tuple[str, str]] = ()
    """Those of the query string, once it was read."""

    def collection_get(self) -> Body:
        """One page of the records that match the query string, newest first unless it sorts.

        ``Total-Records`` counts what matches on all pages. Raises 304, 400, 412.
        """
        return self._list(self._asked())

    def collection_get_unread(self) -> Body:
        """What :meth:`collection_get` answers, for a view that only writes it: its list may be JSON.

        For classes that have no method of their own to look at it; see ``unread``.
        """
        query = self._asked()
        tell = getattr(self.request, "notify_resource_event", None)
        page, limit = None, self._page_size(query)
        if not query.fields and (tell is None or is_ours(tell)) and isinstance(self.model, Model):
            page = self.model.get_page_texts(**self._criteria(query, limit))
        if page is None:
            return self._list(query)
        records = self._shown(page, query, limit)
        if tell is not None:
            tell(timestamp=self.timestamp, data=records, action=ACTIONS.READ)
        return {"data": as_is(records.json)}

    def _asked(self) -> Query:
        """Query of a list that the conditions allow."""
        query = self._query()
        conditions = self._conditions()
        if conditions.if_match or conditions.if_none_match:
            _, visible = self._timestamps()
            self._refuse_by(conditions, current=visible, safe=True)
        return query

    def _list(self, query: Query) -> Body:
        limit = self._page_size(query)
        page = self.model.get_page(**self._criteria(query, limit))
        records = self._shown(page, query, limit)
        if query.fields:
            records = [project(record, query.fields, self._own_fields) for record in records]
        return self.postprocess(records)

    def _criteria(self, query: Query, limit: int) -> dict[str, Any]:
        return {
            "filters": self._filters(query),
            "sorting": query.sorting,
            "pagination_rules": _rules(query),
            # One more than shown tells whether a next page exists, also when records came and
            # went since the last page, where a comparison of offset and total would not.
            "limit": limit + 1,
            "include_deleted": query.include_deleted,
            "newest_of": self._visible_part(),
        }

    def _shown(self, page: Any, query: Query, limit: int) -> Any:
        """Records of a page, without the one too many; its headers are set."""
        records = page.records[:limit]
        self.timestamp = page.timestamp if page.newest is None else page.newest
        headers = {"Total-Records": str(page.total)}
        if records and len(page.records) > limit:
            headers["Next-Page"] = self._next_page_url(query, limit, records[-1], len(records))
        self._say_of_reading(self.timestamp, headers)
        return records

    def collection_post(self) -> Body:
        """Create a record: 201, or 200 with the one that has its id or a unique field already.

        Raises 400, 412.
        """
        new = self._new_record()
        self._refuse_bad_timestamp(new)
        conditions = self._conditions()
        return self._retry(lambda: self._try_create(copy_deeply(new), conditions))

    def _new_record(self) -> Record:
        new = dict(self.request.validated["data"])
        sent = self._sent_data()
        id_field = self.model.id_field
        if id_field in sent:
            self._refuse_bad_id(sent[id_field], location="body", name=f"data.{id_field}")
            new[id_field] = sent[id_field]
        return new

    def _try_create(self, new: Record, conditions: Any) -> Body:
        current = None
        if conditions.if_match or (conditions.if_none_match and not conditions.only_if_absent):
            current, visible = self._timestamps()
            self._refuse_by(conditions, current=visible)
        processed = self.process_record(new, old=None)
        try:
            record = self._write(
                self.model.create_record,
                self._for_model(processed),
                unique_fields=self._option("unique_fields"),
                expected=current,
            )
        except UnicityError as error:
            return self._answer_existing(error, conditions)
        self.request.response.status_code = 201
        self._say_timestamp(record[self.model.modified_field])
        return self.postprocess(record, action=ACTIONS.CREATE)

    def _answer_existing(self, error: UnicityError, conditions: Any) -> Body:
        existing = error.record
        timestamp = existing[self.model.modified_field]
        if conditions.only_if_absent and error.field == self.model.id_field:
            raise_modified_meanwhile(timestamp, existing)
        self._say_timestamp(timestamp)
        return self.postprocess(self._annotated(existing), action=ACTIONS.READ)

    def collection_delete(self) -> Body:
        """Delete what matches the query string, at most ``_limit`` records if it says so.

        Answers their tombstones. Raises 400, 412.
        """
        query = self._query()
        conditions = self._conditions()
        deleted = self._retry(lambda: self._try_delete_many(query, conditions))
        return self.postprocess(deleted, action=ACTIONS.DELETE)

    def _try_delete_many(self, query: Query, conditions: Any) -> list[Record]:
        current = None
        if conditions.if_match or conditions.if_none_match:
            current, visible = self._timestamps()
            self._refuse_by(conditions, current=visible)
        return self._delete_many(query, expected=current)

    def _delete_many(self, query: Query, *, expected: int | None) -> list[Record]:
        return self._write(
            self.model.delete_records,
            filters=self._filters(query),
            sorting=query.sorting,
            pagination_rules=_rules(query),
            limit=query.limit,
            expected=expected,
        )

    def _filters(self, query: Query) -> Sequence[Filter]:
        """Filters of the records that a list, or the deletion of many, is about."""
        return query.filters

    def _visible_part(self) -> Sequence[Filter] | None:
        """Filters of the records of whose newest a list tells the timestamp; None: the collection's."""
        return None

    def _timestamps(self) -> tuple[int, int | None]:
        """Collection's timestamp, and what the user may know of it: the same, by default; None: nothing."""
        current = self.model.timestamp()
        return current, current

    def _query(self) -> Query:
        try:
            parameters = self._parameters = list(self.request.GET.items())
        except UnicodeDecodeError:
            self._refuse_field("querystring", "The query string is not UTF-8", "querystring")
        try:
            query = parse_query(parameters, self._field_names)
        except QueryError as error:
            self._refuse_field(error.name, error.description, error.location)
        for name in query.retired:
            message = f"{name} is now deprecated, you should use _before instead"
            send_alert(self.request, message)
        return query

    def _page_size(self, query: Query) -> int:
        settings = self.request.registry.settings
        caps = (query.limit, settings.get("paginate_by"), settings.get("storage_max_fetch_size", 10_000))
        return min(int(cap) for cap in caps if cap not in (None, ""))

    def _next_page_url(self, query: Query, limit: int, last: Record, shown: int) -> str:
        offset = (query.position.offset if query.position else 0) + shown
        parameters = [named for named in self._parameters if named[0] not in ("_limit", "_token")]
        parameters.append(("_limit", str(limit)))
        # By hand: quoting base64 letter by letter takes longer than all else here.
        token = encode_token(last, query.sorting, offset)
        quoted = token.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
        url: str = self.request.route_url(self._route_name, _query=parameters, **self.request.matchdict)
        # A pregenerator of the route may have changed all that.
        place, hash_sign, anchor = url.partition("#")
        return f"{place}{'&' if '?' in place else '?'}_token={quoted}{hash_sign}{anchor}"

    @property
    def _route_name(self) -> str:
        route = getattr(self.request, "matched_route", None)
        return route.name if route else f"{self._resource_name}-collection"


def _rules(query: Query) -> Any:
    return query.position.rules(query.sorting) if query.position else None

"""The core of a resource: what it is made of, the hooks that applications override, its checks."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, NoReturn, TypeVar

import colander

from cliquet_like.errors import json_error_handler, raise_invalid
from cliquet_like.events.actions import ACTIONS
from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.codec import find_unstorable
from cliquet_like.kernel.deprecation import warn_deprecated
from cliquet_like.kernel.text import classname
from cliquet_like.resource.alone import write_last
from cliquet_like.resource.conditions import Conditions, InvalidCondition, Verdict, judge, parse_conditions
from cliquet_like.resource.contention import retry_when_modified
from cliquet_like.resource.model import Model
from cliquet_like.resource.query import FieldNames
from cliquet_like.resource.refusals import raise_modified_meanwhile, raise_not_modified
from cliquet_like.resource.representation import cache_headers, is_same, timestamp_headers
from cliquet_like.resource.schema import ResourceSchema
from cliquet_like.storage.query import Record
from cliquet_like.web.responses import set_headers

Result = TypeVar("Result")

FAR_FUTURE_MS = 24 * 3600 * 1000
"""How far ahead of our clock a client's timestamp may be: it moves the collection's clock."""

_NO_HEADERS: Final[Mapping[str, str]] = {}

MAX_PARENT_BYTES = 1500
"""A parent id in UTF-8: with the ids of a collection and a record it stands in an index of PostgreSQL."""


class ResourceCore:
    """A resource bound to one request, without its endpoints.

    ``record_id`` is the id in the path, None on the collection.
    """

    default_model: ClassVar[type[Model]] = Model
    mapping: ClassVar[colander.MappingSchema] = ResourceSchema()
    force_patch_update: bool = False
    """Whether a PATCH is stored even when it changes nothing."""

    writes_last: bool = False
    """Whether nothing of the application follows when an endpoint has written; its view finds out."""

    def __init__(self, request: Any, context: Any = None) -> None:
        """Bind to the request; ``context`` is what the route's factory made, if there is one."""
        self.request = request
        self.context = context
        variables: dict[str, Any] = request.matchdict or {}
        self.record_id: str | None = variables.get("id")
        self._timestamp: int | None = None
        self.model = self.default_model(
            storage=request.registry.storage,
            id_generator=request.registry.id_generator,
            collection_id=classname(self),
            parent_id=self.get_parent_id(request),
            auth=request.headers.get("Authorization"),
        )
        self._refuse_bad_path(variables)

    # Hooks

    def get_parent_id(self, request: Any) -> str:
        """Owner of the records: each value is a separate collection. The user, by default."""
        parent_id: str = request.prefixed_userid
        return parent_id

    def is_known_field(self, field: str) -> bool:
        """Whether records may have the field: to filter, sort and project on it."""
        if self._preserves_unknown or field in self._own_fields:
            return True
        return any(node.name == field for node in self.mapping.children)

    def process_record(self, new: Record, old: Record | None = None) -> Record:
        """Change or refuse a record before it is stored; ``old`` is None at creation.

        Returns what is stored. Raise an HTTP exception to refuse. It runs again, on what was
        sent and what is stored then, when another writer comes between.
        """
        return new

    def apply_changes(self, record: Record, changes: Record) -> Record:
        """Record with the changes of a PATCH, at the first level, neither argument changed.

        Raises HTTP 400 for a changed read-only field or a result that breaks the schema.
        """
        readonly = self._option("readonly_fields")
        for field, value in changes.items():
            if field in readonly and not is_same(record.get(field), value):
                self._refuse_field(f"data.{field}", f"Cannot modify {field}")
        try:
            validated: Record = self.mapping.deserialize({**record, **changes})
        except colander.Invalid as error:
            for name, description in error.asdict().items():
                self.request.errors.add("body", f"data.{name}", description)
            raise json_error_handler(self.request) from error
        if unstorable := find_unstorable(validated):
            self._refuse_field(f"data.{unstorable[0]}", unstorable[1])
        return validated

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        """Body of the answer: a record, or the list of a collection, under ``data``.

        It also tells the request, if that wants to know, what was done: events come from here. A
        change (``old`` is given) that stored nothing left the timestamp as it was, and is none.
        """
        notify = getattr(self.request, "notify_resource_event", None)
        if notify is not None:
            timestamp = self._moment_of(result, action)
            if old is None or old.get(self.model.modified_field) != timestamp:
                notify(timestamp=timestamp, data=result, action=action, old=old)
        return {"data": result}

    def _moment_of(self, result: Any, action: ACTIONS) -> int:
        """Timestamp (ms) of what was done, of which no storage is asked; our clock's when nothing says it."""
        if isinstance(result, list) and action is ACTIONS.READ and self._timestamp is not None:
            return self._timestamp
        name = self.model.modified_field
        if isinstance(result, dict) and name in result:
            moment: int = result[name]
            return moment
        records = result if isinstance(result, list) else [result]
        return max((record[name] for record in records if name in record), default=msec_time())

    # What the resource knows of itself

    @property
    def timestamp(self) -> int:
        """Collection's timestamp (ms), as first asked for by this request."""
        if self._timestamp is None:
            self._timestamp = self.model.timestamp()
        return self._timestamp

    @timestamp.setter
    def timestamp(self, value: int) -> None:
        self._timestamp = value

    @property
    def collection(self) -> Model:
        """Retired name of ``model``."""
        warn_deprecated("resource.collection", use="resource.model", removed_in="1.0")
        return self.model

    @property
    def _own_fields(self) -> tuple[str, str, str]:
        return self.model.id_field, self.model.modified_field, self.model.deleted_field

    @property
    def _preserves_unknown(self) -> bool:
        return bool(self._option("preserve_unknown"))

    def _option(self, name: str) -> Any:
        get_option = getattr(self.mapping, "get_option", ResourceSchema.get_option)
        return get_option(name)

    @property
    def _keeps_timestamp(self) -> bool:
        """Whether a client's ``last_modified`` counts: the schema declares it, or keeps all."""
        name = self.model.modified_field
        return self._preserves_unknown or any(node.name == name for node in self.mapping.children)

    @property
    def _field_names(self) -> FieldNames:
        return FieldNames(self.is_known_field, self.model.id_field, self.model.modified_field)

    def _retry(self, attempt: Callable[[], Result]) -> Result:
        """Result of an attempt to write, tried again as long as other writers come first."""
        return retry_when_modified(attempt, before_next=self._decide_anew)

    def _decide_anew(self) -> None:
        """Between two attempts: refuse what is not allowed any more, as things are now."""

    def _write(self, write: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """Call a method of the model that writes: the last thing that is done before the answer."""
        if self.writes_last:
            return write_last(self.request, write, *arguments, **options)
        return write(*arguments, **options)

    def _for_model(self, record: Record) -> Record:
        """Record as it is given to the model to be written."""
        return record

    def _annotated(self, record: Record) -> Record:
        """Stored record with what its answer shows besides data, for :meth:`postprocess`."""
        return record

    # Checks of what was sent

    def _sent_data(self) -> Record:
        """The ``data`` of the body as it was sent, before the schema."""
        body = self.request.validated.get("body")
        data: Record = (self.request.json if body is None else body).get("data", {})
        return data

    def _refuse_field(self, name: str, description: str, location: str = "body") -> NoReturn:
        """Raise HTTP 400 that names what is wrong."""
        raise_invalid(self.request, location=location, name=name, description=description)

    def _refuse_bad_path(self, variables: dict[str, Any]) -> None:
        """Raise HTTP 400 for a URL variable that no storage could keep; the id is looked at later.

        A parent, of which they may be a part, may be too long for an index.
        """
        for name, value in variables.items():
            if name != "id" and "\0" in str(value):
                self._refuse_field(name, "Holds a NUL character (U+0000)", "path")
        if len(self.model.parent_id.encode()) > MAX_PARENT_BYTES:
            self._refuse_field("path", "Is too long", "path")

    def _refuse_bad_id(self, record_id: Any, *, location: str = "path", name: str = "id") -> None:
        generator = self.model.id_generator
        if generator is not None and not generator.match(record_id):
            self._refuse_field(name, "Invalid record id", location)

    def _refuse_bad_timestamp(self, data: Record) -> None:
        """A timestamp that a schema keeps must be one: it is the record's ETag."""
        name = self.model.modified_field
        if name in data and not is_plausible_timestamp(data[name]):
            self._refuse_field(f"data.{name}", "Should be milliseconds since 1970, at most one day ahead")

    # Conditions and headers

    def _conditions(self) -> Conditions:
        try:
            return parse_conditions(self.request.headers)
        except InvalidCondition as error:
            self._refuse_field(error.header, error.description, "header")

    def _refuse_by(
        self,
        conditions: Conditions,
        *,
        current: int | None,
        existing: Record | None = None,
        safe: bool = False,
    ) -> None:
        """Answer 304 or 412 when the conditions ask for it; ``safe`` is true for reading."""
        verdict = judge(conditions, current=current, safe=safe)
        if verdict is Verdict.NOT_MODIFIED and current is not None:
            raise_not_modified(current, self._cache_headers())
        if verdict is not Verdict.PROCEED:
            raise_modified_meanwhile(current, existing)

    def _cache_headers(self) -> dict[str, str]:
        if self.request.prefixed_userid is not None:
            return cache_headers(None, anonymous=False, now_ms=0)
        setting = self.request.registry.settings.get(f"{self._resource_name}_cache_expires_seconds")
        return cache_headers(int(setting) if setting else None, anonymous=True, now_ms=msec_time())

    @property
    def _resource_name(self) -> str:
        name: str | None = getattr(self.request, "current_resource_name", None)
        return name or classname(self)

    def _say_timestamp(self, timestamp: int) -> None:
        set_headers(self.request.response, timestamp_headers(timestamp))

    def _say_of_reading(self, timestamp: int, others: Mapping[str, str] = _NO_HEADERS) -> None:
        """Headers of an answer to GET: how old it is, how long it may be kept, and others."""
        headers = {**timestamp_headers(timestamp), **self._cache_headers(), **others}
        set_headers(self.request.response, headers)


def is_plausible_timestamp(value: Any) -> bool:
    """Whether a client's value is an integer of milliseconds, not more than a day ahead."""
    return type(value) is int and 0 < value <= msec_time() + FAR_FUTURE_MS

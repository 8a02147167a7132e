"""ShareableResource: records of all users in one collection, each with its permissions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

from pyramid.httpexceptions import HTTPForbidden

from cliquet_like.authorization.context import RouteFactory
from cliquet_like.authorization.names import WRITE
from cliquet_like.authorization.objects import permission_object_id
from cliquet_like.events.actions import ACTIONS
from cliquet_like.permission.access import fits
from cliquet_like.resource.base import BaseResource
from cliquet_like.resource.conditions import Conditions
from cliquet_like.resource.contention import OVERTAKEN, memory_of_attempts
from cliquet_like.resource.model import Model, ShareableModel
from cliquet_like.resource.query import Query
from cliquet_like.resource.refusals import raise_conflict, raise_hidden_conflict
from cliquet_like.resource.viewset import ShareableViewSet, ViewSet
from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.storage.generators import MAX_ID_LENGTH
from cliquet_like.storage.query import COMPARISON, Filter, Record

Body = dict[str, Any]


class ShareableResource(BaseResource):
    """A resource whose records may be shared: who may do what is kept beside each record.

    Who creates or changes a record may write it. On the list, a user without a permission on the
    collection finds the records that he may read, and no trace of others: neither in totals and
    pages, nor in timestamps.
    """

    permissions: ClassVar[tuple[str, ...]] = ("read", "write")
    """Names of permissions that clients may give; an empty tuple takes any name."""

    default_model: ClassVar[type[Model]] = ShareableModel
    default_viewset: ClassVar[type[ViewSet]] = ShareableViewSet
    force_patch_update = True
    model: ShareableModel

    def __init__(self, request: Any, context: Any = None) -> None:
        """Bind to the request; without a context of the route nothing was decided."""
        super().__init__(request, context)
        self._route: RouteFactory | None = context if isinstance(context, RouteFactory) else None
        self._shared_ids: list[str] = list(getattr(context, "shared_ids", None) or ())
        self._permissions: Mapping[str, Iterable[str]] = {}
        self._is_put = False
        self.model.permission = getattr(request.registry, "permission", None)  # type: ignore[assignment]
        self.model.current_principal = request.prefixed_userid
        self.model.get_permission_object_id = self._object_id
        self.model.guard = self._route

    def put(self) -> Body:
        """Replace or create the record; with permissions in the body, they replace those of the class."""
        self._is_put = True
        return super().put()

    def get_parent_id(self, request: Any) -> str:
        """All records belong together: the empty text."""
        return ""

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> Body:
        """Body of the answer: ``permissions`` stand beside the ``data`` of a record, not inside."""
        field = self.model.permissions_field
        permissions = result.pop(field, None) if isinstance(result, dict) else None
        if isinstance(old, dict):
            old.pop(field, None)
        body = super().postprocess(result, action=action, old=old)
        if permissions is not None:
            shown = {**self._given_up(), **permissions}
            body["permissions"] = {name: sorted(shown[name]) for name in sorted(shown)}
        return body

    def _object_id(self, record_id: str | None = None) -> str:
        if self.context is None:
            return permission_object_id(self.request, record_id)
        object_id: str = self.context.get_permission_object_id(self.request, record_id)
        return object_id

    def _decide_anew(self) -> None:
        if self._route is not None:
            self._route.decide_anew()
            self._shared_ids = list(self._route.shared_ids)

    # Records

    def _find(self) -> Record | None:
        """The record, its permissions put aside."""
        found = getattr(self.context, "current_record", None)
        if not isinstance(found, dict):
            # A context made by hand has not looked for it.
            has_route = self._route is not None and self._route.resource_name is not None
            is_known_to_be_none = has_route and self._is_put
            found = None if is_known_to_be_none else super()._find()
        if found is None:
            return None
        found = dict(found)
        self._permissions = found.pop(self.model.permissions_field, {})
        return found

    def _for_model(self, record: Record) -> Record:
        """Record with the permissions that were sent; a PUT gives up all those of the class."""
        sent = {**self._given_up(), **self.request.validated.get("permissions", {})}
        self._refuse_too_long(sent, record.get(self.model.id_field))
        return {**record, self.model.permissions_field: sent}

    def _given_up(self) -> dict[str, list[str]]:
        """Permissions that nobody has after this request unless it gives them: those of a PUT with some."""
        gives_up = self._is_put and "permissions" in self.request.validated
        return {name: [] for name in self.permissions} if gives_up else {}

    def _refuse_too_long(self, permissions: Mapping[str, Iterable[str]], record_id: str | None) -> None:
        """Raise HTTP 400 for entries that no backend could keep: the path is too long, or the names are."""
        object_id = self._object_id("?" * MAX_ID_LENGTH if record_id is None else record_id)
        writers = [*permissions.get(WRITE, ()), self.request.prefixed_userid or ""]
        for name, principals in {**permissions, WRITE: writers}.items():
            if not all(fits(object_id, name, principal) for principal in principals):
                self._refuse_field(f"permissions.{name}", "The principals are too long")

    def _annotated(self, record: Record) -> Record:
        return {**record, self.model.permissions_field: self._permissions}

    def _answer_existing(self, error: UnicityError, conditions: Conditions) -> Body:
        object_id = self._object_id(error.record[self.model.id_field])
        if not self._may_read(object_id):
            raise HTTPForbidden
        read = self.model.permission.object_permissions
        self._permissions = read(object_id) if self._route is None else self._route.permissions_of(object_id)
        return super()._answer_existing(error, conditions)

    def _refuse_conflict(self, error: UnicityError) -> NoReturn:
        if not self._may_read(self._object_id(error.record[self.model.id_field])):
            raise_hidden_conflict(error.field)
        raise_conflict(error, self.model.id_field)

    def _judge_tombstone(self, conditions: Conditions) -> Conditions:
        if self._route is not None and not self._may_read(self._route.permission_object_id):
            return conditions
        return super()._judge_tombstone(conditions)

    def _may_read(self, object_id: str) -> bool:
        return self._route is None or self._route.may_read(object_id)

    # The list of a user who may only read some records

    def _filters(self, query: Query) -> Sequence[Filter]:
        return (*query.filters, self._one_of(self._shared_ids)) if self._shared_ids else query.filters

    def _try_delete_many(self, query: Query, conditions: Conditions) -> list[Record]:
        """Delete what is shared; the model starts over when it ceased to be before it was deleted.

        Where that is no help, delete what is shared at the collection's timestamp, if that is
        still the same then: whoever shares a record through the resource, or ends that, changes
        the timestamp.
        """
        route = self._route
        if route is None or not self._shared_ids or self._may_start_over(route, conditions):
            return super()._try_delete_many(query, conditions)
        current = self.model.timestamp()
        self._shared_ids = route.find_shared_again()
        if conditions.if_match or conditions.if_none_match:
            _, visible = self._timestamps()
            self._refuse_by(conditions, current=visible)
        return self._delete_many(query, expected=current)

    def _may_start_over(self, route: RouteFactory, conditions: Conditions) -> bool:
        """Whether the model notices what ceases to be shared, and this did not happen before.

        What begins to be shared changes the list: ``If-Match`` notices that, ``If-None-Match``
        would let it pass.
        """
        memory = memory_of_attempts(self.model.storage, self.model.permission)
        is_new = memory is not None and OVERTAKEN not in memory
        return is_new and route.shares_by_entries and not conditions.if_none_match

    def _refuse_by(
        self,
        conditions: Conditions,
        *,
        current: int | None,
        existing: Record | None = None,
        safe: bool = False,
    ) -> None:
        """As ever, but a list of shared records is not said to be unchanged.

        Its timestamp is that of its newest record, and does not change when another one leaves it.
        """
        if self._shared_ids and safe and not conditions.only_if_absent:
            conditions = replace(conditions, if_none_match=None)
        super()._refuse_by(conditions, current=current, existing=existing, safe=safe)

    def _visible_part(self) -> Sequence[Filter] | None:
        ids = self._readable_ids()
        return None if ids is None else [self._one_of(ids)]

    def _timestamps(self) -> tuple[int, int | None]:
        """The collection's, and for who may not read all of it that of the newest record that he may read."""
        ids = self._readable_ids()
        if not ids:
            current = self.model.timestamp()
            return current, current if ids is None else None
        page = self.model.get_page(limit=0, newest_of=[self._one_of(ids)])
        return page.timestamp, page.newest

    def _readable_ids(self) -> list[str] | None:
        """Ids of the records that the user may read; None for who may read all of the collection."""
        if self._route is None:
            return self._shared_ids or None
        return None if self._may_read(self._object_id()) else self._route.find_readable_ids()

    def _one_of(self, ids: Sequence[str]) -> Filter:
        return Filter(self.model.id_field, ids, COMPARISON.IN)

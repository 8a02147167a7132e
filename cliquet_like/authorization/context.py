"""RouteFactory: which object a request is about, which permission it needs, and who has it."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from pyramid.decorator import reify
from pyramid.httpexceptions import HTTPForbidden
from pyramid.settings import aslist

from cliquet_like.authorization.knowledge import Knowledge, Pairs
from cliquet_like.authorization.names import DYNAMIC
from cliquet_like.authorization.objects import (
    ANY_RECORD,
    collection_object_id,
    permission_object_id,
    record_id_in,
    service_of,
)
from cliquet_like.permission.access import BoundPermissions, Permissions, bound_pairs
from cliquet_like.storage.exceptions import RecordNotFoundError

READ: Final = "read"
WRITE: Final = "write"
CREATE: Final = "create"

_BY_METHOD: Final = {
    "GET": READ, "HEAD": READ, "OPTIONS": READ, "POST": CREATE, "PATCH": WRITE, "DELETE": WRITE,
}  # fmt: skip


class Question(NamedTuple):
    """What is asked in order to let a request in."""

    permission: str
    principals: Collection[str]
    bound: BoundPermissions | None


class RouteFactory:
    """Context of a request, for a route's ``factory`` or as the root factory.

    Nothing is asked of a backend before a decision needs it, and then in one question: the user's
    groups, the entries of the object, and for a list the records that are shared with the user.
    On a view that is no resource all attributes are None or empty, and the object is the path.
    """

    def __init__(self, request: Any) -> None:
        """Look at the route of the request."""
        self._request = request
        service = service_of(request)
        self._service = service if hasattr(service, "viewset") and hasattr(service, "resource") else None
        self.on_collection: bool = self._service is not None and self._service.type == "collection"
        self.resource_name: str | None = self._service and request.current_resource_name
        self.shared_ids: list[str] = []
        self._knowledge = Knowledge(request)
        self._question: Question | None = None

    # What the request is about

    @reify
    def current_record(self) -> Any:
        """Record that a PUT would replace; None when there is none, and for other methods."""
        if self._service is None or self.on_collection or self._request.method != "PUT":
            return None
        resource = self._service.resource(self._request, context=self)
        generator = resource.model.id_generator
        if generator is not None and not generator.match(resource.record_id):
            return None
        try:
            return resource.model.get_record(resource.record_id)
        except RecordNotFoundError:
            return None

    @reify
    def required_permission(self) -> str | None:
        """``read``, ``write`` or ``create``, by the method and for PUT by what there is already."""
        if self._service is None:
            return None
        if self._request.method == "PUT":
            return CREATE if self.current_record is None else WRITE
        return _BY_METHOD.get(self._request.method)

    @reify
    def allowed_principals(self) -> list[str]:
        """Principals of the setting ``<resource>_<permission>_principals``; they decide, if there are any."""
        return self._principals_of_settings(self.required_permission)

    @reify
    def permission_object_id(self) -> str:
        """Object on which the permission is needed: to create, the collection."""
        if self.required_permission == CREATE and not self.on_collection:
            return collection_object_id(self._request)
        return self._object_id(None)

    def get_permission_object_id(self, request: Any, record_id: str | None = None) -> str:
        """Id of the request's object, or of a record in its collection; may be replaced."""
        return permission_object_id(request, record_id)

    def get_prefixed_userid(self) -> str | None:
        """User of the request as entries name it; None for an anonymous one."""
        userid: str | None = self._request.prefixed_userid
        return userid

    # Decisions

    def remember_question(
        self, permission: str, principals: Collection[str], bound: BoundPermissions | None
    ) -> None:
        """Keep what is asked in order to let the request in, however it is decided."""
        self._question = Question(permission, principals, bound)

    def check_permission(
        self,
        permission: str,
        principals: Collection[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> bool:
        """Whether one of the principals has the permission on the request's object."""
        self.remember_question(permission, principals, get_bound_permissions)
        pairs = _pairs(self.permission_object_id, permission, get_bound_permissions)
        is_about_records = self.on_collection and permission in (READ, WRITE)
        among = self._records(permission, get_bound_permissions) if is_about_records else ()
        self._knowledge.learn(self._objects_with(pairs), principals, among=among, unless=pairs)
        return self._knowledge.grants(pairs, principals)

    def fetch_shared_records(
        self,
        permission: str,
        principals: Collection[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> list[str]:
        """Ids of the records of this collection on which the principals have the permission.

        They are kept as ``shared_ids``: the list and the deletion of the collection are about
        them only.
        """
        self.shared_ids = self._ids_shared_with(Question(permission, principals, get_bound_permissions))
        return self.shared_ids

    def find_shared_again(self) -> list[str]:
        """Ids as they are now; raises ``HTTPForbidden`` when there are none any more."""
        self._knowledge.forget()
        if self._question is None or not self.fetch_shared_records(*self._question):
            raise HTTPForbidden
        return self.shared_ids

    def find_readable_ids(self) -> list[str]:
        """Ids of the records that are shared for reading with who was let in for something else."""
        return (
            [] if self._question is None else self._ids_shared_with(self._question._replace(permission=READ))
        )

    def may_read(self, object_id: str) -> bool:
        """Whether who was let in for something else may also read an object.

        True when nobody asked for a permission to let the request in.
        """
        if self._question is None:
            return True
        principals = self._question.principals
        if any(principal in principals for principal in self._principals_of_settings(READ)):
            return True
        pairs = _pairs(object_id, READ, self._question.bound)
        self._knowledge.learn(self._objects_with(pairs), principals)
        return self._knowledge.grants(pairs, principals)

    # What is known of the objects

    def permissions_of(self, object_id: str) -> Permissions:
        """Principals by permission of an object, as known to this request; a copy."""
        return self._knowledge.permissions_of(object_id)

    def expected_permissions(self, object_id: str) -> Permissions | None:
        """Permissions of an object on which the decision was made; None when it was made on none."""
        return (
            None if self._question is None or self.allowed_principals else self._knowledge.learned(object_id)
        )

    def decide_again(self, object_id: str, current: Permissions) -> None:
        """Take notice of changed permissions; raises ``HTTPForbidden`` when the user has lost his."""
        self._knowledge.correct(object_id, current)
        if self._question is not None and not self.check_permission(*self._question):
            raise HTTPForbidden

    def forget_record(self) -> None:
        """Decide again, when another writer came first: there may be a record now, or none any more.

        Raises ``HTTPForbidden`` when the user has not the permission that is needed now.
        """
        for name in ("current_record", "required_permission", "allowed_principals", "permission_object_id"):
            vars(self).pop(name, None)
        self._knowledge.forget()
        if self._question is not None and not self._request.has_permission(DYNAMIC, self):
            raise HTTPForbidden

    # Objects and pairs

    def _object_id(self, record_id: str | None) -> str:
        # Applications replace the method by a function of two positional arguments.
        object_id: str = self.get_permission_object_id(self._request, record_id)
        return object_id

    def _principals_of_settings(self, permission: str | None) -> list[str]:
        if self.resource_name is None or permission is None:
            return []
        setting = f"{self.resource_name}_{permission}_principals"
        return list(aslist(self._request.registry.settings.get(setting) or ""))

    def _objects_with(self, pairs: Pairs) -> list[str]:
        """Objects of the pairs, and the request's own: its entries are shown, or written."""
        own = [] if self._service is None or self.on_collection else [self._object_id(None)]
        return [*own, *(pair.object_id for pair in pairs)]

    def _records(self, permission: str, bound: BoundPermissions | None) -> Pairs:
        return _pairs(self._object_id(ANY_RECORD), permission, bound)

    def _ids_shared_with(self, question: Question) -> list[str]:
        pattern = self._object_id(ANY_RECORD)
        among = self._records(question.permission, question.bound)
        found = self._knowledge.shared(among, question.principals)
        ids = (record_id_in(object_id, pattern) for object_id in found)
        return sorted({record_id for record_id in ids if record_id is not None})


def _pairs(object_id: str, permission: str, bound: BoundPermissions | None) -> Pairs:
    return bound_pairs(object_id, permission, bound or _including_write)


def _including_write(object_id: str, permission: str) -> Sequence[tuple[str, str]]:
    """Who may write an object may read it: the answer to a write shows it anyway."""
    pairs = [(object_id, permission)]
    return [*pairs, (object_id, WRITE)] if permission == READ else pairs

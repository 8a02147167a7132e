"""RouteFactory: which object a request is about, which permission it needs, and who has it."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from pyramid.decorator import reify
from pyramid.httpexceptions import HTTPForbidden
from pyramid.settings import aslist

from cliquet_like.authorization.groups import keep_groups, known_groups
from cliquet_like.authorization.names import DYNAMIC
from cliquet_like.authorization.objects import (
    ANY_RECORD,
    collection_object_id,
    permission_object_id,
    record_id_in,
    service_of,
)
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import (
    Access,
    BoundPermissions,
    Pair,
    Permissions,
    Shared,
    bound_pairs,
)
from cliquet_like.storage.exceptions import RecordNotFoundError

READ: Final = "read"
WRITE: Final = "write"
CREATE: Final = "create"

_BY_METHOD: Final = {
    "GET": READ, "HEAD": READ, "OPTIONS": READ, "POST": CREATE, "PATCH": WRITE, "DELETE": WRITE,
}  # fmt: skip


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
        self._permissions: dict[str, Permissions] = {}
        self._shared: tuple[tuple[Pair, ...], frozenset[str]] | None = None
        self._question: tuple[str, Collection[str], BoundPermissions | None] | None = None

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
        self._question = (permission, principals, bound)

    def check_permission(
        self,
        permission: str,
        principals: Collection[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> bool:
        """Whether one of the principals has the permission on the request's object."""
        self.remember_question(permission, principals, get_bound_permissions)
        pairs = self._pairs(self.permission_object_id, permission, get_bound_permissions)
        self._know(pairs, principals, permission, get_bound_permissions)
        return self._is_any_granted(pairs, principals)

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
        if self._backend is None:
            return []
        pattern = self._object_id(ANY_RECORD)
        among = self._pairs(pattern, permission, get_bound_permissions)
        if self._shared is None or self._shared[0] != among:
            self._ask((), principals, among=among)
        found = self._shared[1] if self._shared else ()
        ids = (record_id_in(object_id, pattern) for object_id in found)
        self.shared_ids = sorted({record_id for record_id in ids if record_id is not None})
        return self.shared_ids

    def find_shared_again(self) -> list[str]:
        """Ids as they are now; raises ``HTTPForbidden`` when there are none any more."""
        self._shared = None
        if self._question is None or not self.fetch_shared_records(*self._question):
            raise HTTPForbidden
        return self.shared_ids

    def may_read(self, object_id: str) -> bool:
        """Whether who was let in for something else may also read an object.

        True when nobody asked for a permission to let the request in.
        """
        if self._question is None:
            return True
        _, principals, bound = self._question
        if any(principal in principals for principal in self._principals_of_settings(READ)):
            return True
        pairs = self._pairs(object_id, READ, bound)
        self._know(pairs, principals)
        return self._is_any_granted(pairs, principals)

    # What is known of the objects

    def permissions_of(self, object_id: str) -> Permissions:
        """Principals by permission of an object, as known to this request; a copy."""
        if object_id not in self._permissions:
            # The groups come along: whoever decides after that needs them.
            self._ask([object_id], Principals((), tuple))
        return {name: set(found) for name, found in self._permissions[object_id].items()}

    def expected_permissions(self, object_id: str) -> Permissions | None:
        """Permissions of an object on which the decision was made; None when it was made on none."""
        return None if self._question is None or self.allowed_principals else self._permissions.get(object_id)

    def decide_again(self, object_id: str, current: Permissions) -> None:
        """Take notice of changed permissions; raises ``HTTPForbidden`` when the user has lost his."""
        self._permissions[object_id] = current
        if self._question is not None and not self.check_permission(*self._question):
            raise HTTPForbidden

    def forget_record(self) -> None:
        """Decide again, when another writer came first: there may be a record now, or none any more.

        Raises ``HTTPForbidden`` when the user has not the permission that is needed now.
        """
        before = vars(self).get("required_permission")
        for name in ("current_record", "required_permission", "allowed_principals", "permission_object_id"):
            vars(self).pop(name, None)
        self._permissions.clear()
        if before is not None and not self._request.has_permission(DYNAMIC, self):
            raise HTTPForbidden

    # How it asks

    @property
    def _backend(self) -> Any:
        return getattr(self._request.registry, "permission", None)

    def _object_id(self, record_id: str | None) -> str:
        # Applications replace the method by a function of two positional arguments.
        object_id: str = self.get_permission_object_id(self._request, record_id)
        return object_id

    def _principals_of_settings(self, permission: str | None) -> list[str]:
        if self.resource_name is None or permission is None:
            return []
        setting = f"{self.resource_name}_{permission}_principals"
        return list(aslist(self._request.registry.settings.get(setting) or ""))

    def _pairs(self, object_id: str, permission: str, bound: BoundPermissions | None) -> tuple[Pair, ...]:
        return bound_pairs(object_id, permission, bound or _including_write)

    def _is_any_granted(self, pairs: Sequence[Pair], principals: Collection[str]) -> bool:
        return any(
            not self._permissions.get(object_id, {}).get(permission, set()).isdisjoint(principals)
            for object_id, permission in pairs
        )

    def _know(
        self,
        pairs: Sequence[Pair],
        principals: Collection[str],
        permission: str | None = None,
        bound: BoundPermissions | None = None,
    ) -> None:
        """Ask for what is not known yet of the objects of the pairs, and of the request's own."""
        wanted = {pair.object_id for pair in pairs}
        if self._service is not None and not self.on_collection:
            wanted.add(self._object_id(None))
        missing = sorted(wanted - self._permissions.keys())
        if not missing or self._backend is None:
            return
        among = None
        if self.on_collection and permission in (READ, WRITE):
            among = self._pairs(self._object_id(ANY_RECORD), permission, bound)
        self._ask(missing, principals, among=among, unless=tuple(pairs))

    def _ask(
        self,
        object_ids: Sequence[str],
        principals: Collection[str],
        *,
        among: tuple[Pair, ...] | None = None,
        unless: tuple[Pair, ...] = (),
    ) -> None:
        """Ask the backend for entries, for the groups if they are wanting, and for shared records."""
        userid = self._user_with_unknown_groups() if isinstance(principals, Principals) else None
        known = principals.known if userid and isinstance(principals, Principals) else principals
        question = None if among is None else Shared(frozenset(known), among, unless)
        access: Access = self._backend.read_access(object_ids, user_id=userid, shared=question)
        self._permissions.update(access.permissions)
        if userid is not None:
            keep_groups(self._request, userid, access.groups)
        if among is not None:
            self._shared = (among, access.shared)

    def _user_with_unknown_groups(self) -> str | None:
        """User whose groups were not asked for yet; None also for an anonymous one."""
        userid = self.get_prefixed_userid()
        if userid is None:
            return None
        return userid if known_groups(self._request, userid) is None else None


def _including_write(object_id: str, permission: str) -> Sequence[tuple[str, str]]:
    """Who may write an object may read it: the answer to a write shows it anyway."""
    pairs = [(object_id, permission)]
    return [*pairs, (object_id, WRITE)] if permission == READ else pairs

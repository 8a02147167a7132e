"""RouteFactory: the context of a request, which says what it is about and which permission it needs."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pyramid.decorator import reify
from pyramid.httpexceptions import HTTPForbidden

from cliquet_like.authorization.decision import Decision, Question
from cliquet_like.authorization.names import CREATE, READ, WRITE
from cliquet_like.authorization.objects import collection_object_id, permission_object_id, service_of
from cliquet_like.permission.access import BoundPermissions, Permissions
from cliquet_like.storage.exceptions import RecordNotFoundError

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
        self._decision = Decision(request, self.resource_name, self._object_id)
        self._admission: tuple[str, Question] | None = None
        self._sharing: tuple[Question, list[str]] | None = None

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
        return self._decision.principals_of_settings(self.required_permission)

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

    # What the authorization policy asks

    def remember_admission(self, asked: str, question: Question) -> None:
        """Keep what the view asked for (``dynamic``, say) and what it meant; later questions are others."""
        if self._admission is None:
            self._admission = (asked, question)

    def check_permission(
        self,
        permission: str,
        principals: Collection[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> bool:
        """Whether one of the principals has the permission on the request's object."""
        question = Question(permission, principals, get_bound_permissions)
        return self._decision.has_entry(
            question, self.permission_object_id, **self._needed_besides(permission)
        )

    def check_setting(
        self,
        permission: str,
        principals: Collection[str],
        get_bound_permissions: BoundPermissions | None = None,
    ) -> bool:
        """Whether one of the principals is among the ``allowed_principals``."""
        question = Question(permission, principals, get_bound_permissions)
        return self._decision.meets_setting(
            question, self.allowed_principals, **self._needed_besides(permission)
        )

    def _needed_besides(self, permission: str) -> dict[str, Any]:
        """What is asked for together with a decision: see ``Decision.has_entry``."""
        # The entries of a record are shown, or written, whichever object decides.
        own = [] if self._service is None or self.on_collection else [self._object_id(None)]
        return {"besides": own, "on_list": self.on_collection and permission in (READ, WRITE)}

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
        question = Question(permission, principals, get_bound_permissions)
        self.shared_ids = self._decision.ids_shared_with(question)
        self._sharing = (question, [*self.shared_ids])
        return self.shared_ids

    # What a resource asks, once the request was let in. Nothing is refused where nobody was asked.

    def may_read(self, object_id: str) -> bool:
        """Whether who was let in for something else may also read an object."""
        return self._admission is None or self._decision.may_read(self._admission[1], object_id)

    def find_readable_ids(self) -> list[str]:
        """Ids of the records of this collection that are shared for reading with the user."""
        if self._admission is None:
            return []
        return self._decision.ids_shared_with(self._admission[1]._replace(permission=READ))

    def find_shared_again(self) -> list[str]:
        """``shared_ids`` as they are now; raises ``HTTPForbidden`` when there are none any more."""
        self._decision.knowledge.forget()
        if self._admission is None or not self.fetch_shared_records(*self._admission[1]):
            raise HTTPForbidden
        return self.shared_ids

    @property
    def shares_by_entries(self) -> bool:
        """Whether entries decided on all ``shared_ids``, which an application may have found otherwise."""
        return self._sharing is not None and self._sharing[1] == self.shared_ids

    def still_shares(self, entries: Mapping[str, Permissions]) -> bool:
        """Whether the entries that records have now, by record id, share with the user what was found.

        Records that were not found to be shared by entries are not judged.
        """
        if self._sharing is None:
            return True
        question, found = self._sharing
        known = frozenset(found)
        return self._decision.shares_all(question, {key: entries[key] for key in entries if key in known})

    def permissions_of(self, object_id: str) -> Permissions:
        """Principals by permission of an object, as known to this request; a copy."""
        return self._decision.knowledge.permissions_of(object_id)

    def expected_permissions(self, object_id: str) -> Permissions | None:
        """Permissions of an object as they were when the request was let in; None when nobody was asked."""
        return None if self._admission is None else self._decision.knowledge.permissions_of(object_id)

    def decide_again(self, object_id: str, current: Permissions) -> None:
        """Take notice of changed permissions; raises ``HTTPForbidden`` when the user has lost his."""
        self._decision.knowledge.correct(object_id, current)
        if self._admission is None:
            return
        question = self._admission[1]
        if self.allowed_principals:
            allowed = self.check_setting(*question)
        else:
            allowed = self.check_permission(*question)
        if not allowed:
            raise HTTPForbidden

    def refuse_to_take_over(self, object_id: str, entries: Permissions) -> None:
        """Raise ``HTTPForbidden`` when a new record's path has entries by which the user may not write.

        They belong to a record of another parent, or were left by one that is gone.
        """
        if entries and self._admission is not None:
            self._decision.knowledge.correct(object_id, entries)
            writing = self._admission[1]._replace(permission=WRITE)
            if not self._decision.has_entry(writing, object_id):
                raise HTTPForbidden

    def decide_anew(self) -> None:
        """Decide on what is there now: another writer made the record, changed or deleted it meanwhile.

        Raises ``HTTPForbidden`` when the user has not the permission that is needed now.
        """
        for name in ("current_record", "required_permission", "allowed_principals", "permission_object_id"):
            vars(self).pop(name, None)
        self._decision.knowledge.forget()
        self.shared_ids, self._sharing = [], None
        admission, self._admission = self._admission, None
        if admission is not None and not self._request.has_permission(admission[0], self):
            raise HTTPForbidden

    def _object_id(self, record_id: str | None) -> str:
        # Applications replace the method by a function of two positional arguments.
        object_id: str = self.get_permission_object_id(self._request, record_id)
        return object_id

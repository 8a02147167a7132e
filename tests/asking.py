"""Requests made by hand to a shareable resource, and a permission backend that keeps what it is asked."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from cliquet_like.permission.access import Access, SharedQuestion
from cliquet_like.permission.memory import Permission
from cliquet_like.resource import ShareableResource, ShareableViewSet
from cliquet_like.storage.generators import UUID4
from cliquet_like.storage.memory import Storage

ADA = "basicauth:ada"
UUID = "00000000-0000-4000-8000-000000000001"
RECORD = f"/things/{UUID}"


class Thing(ShareableResource):
    """Anything."""


class Backend(Permission):
    """Keeps what it is asked, and whose groups it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Sequence[str], str | None, SharedQuestion | None]] = []
        self.users: list[str] = []

    def read_access(
        self, object_ids: Sequence[str], *, user_id: str | None = None, shared: SharedQuestion | None = None
    ) -> Access:
        self.asked.append((object_ids, user_id, shared))
        self.users.extend(() if user_id is None else [user_id])
        return super().read_access(object_ids, user_id=user_id, shared=shared)

    def user_principals(self, user_id: str) -> set[str]:
        self.users.append(user_id)
        return super().user_principals(user_id)


def request_for(
    backend: Backend | None, method: str = "GET", *, record_id: str | None = None, **settings: str
) -> Any:
    """Request of Ada that was routed to the things; nobody has any permission when it is asked."""
    kind = "record" if record_id else "collection"
    service = SimpleNamespace(
        viewset=ShareableViewSet(),
        resource=Thing,
        type=kind,
        collection_path="/things",
        record_path="/things/{id}",
    )
    registry = SimpleNamespace(
        cornice_services={kind: service}, settings=settings, storage=Storage(), id_generator=UUID4()
    )
    if backend is not None:
        registry.permission = backend
    return SimpleNamespace(
        method=method,
        headers={},
        upath_info="/v1/things" + (f"/{record_id}" if record_id else ""),
        matchdict={"id": record_id} if record_id else {},
        matched_route=SimpleNamespace(pattern=kind, name=kind),
        registry=registry,
        prefixed_userid=ADA,
        current_resource_name="thing",
        bound_data={},
        has_permission=lambda permission, context: False,
    )

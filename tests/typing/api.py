"""Code of an application that must type-check; mypy reads it, nothing runs it."""

from typing import Any

import colander
from pyramid.config import Configurator

import cliquet_like
from cliquet_like import Service, resource, schema
from cliquet_like.authorization import AuthorizationPolicy, RouteFactory
from cliquet_like.cache import CacheBase
from cliquet_like.events import ACTIONS
from cliquet_like.permission import PermissionBase
from cliquet_like.storage import Filter, Sort, StorageBase
from cliquet_like.storage.memory import Storage
from cliquet_like.utils import COMPARISON


class BookmarkSchema(resource.ResourceSchema):
    url = schema.URL()
    title = colander.SchemaNode(colander.String())

    class Options:
        readonly_fields = ("device",)
        unique_fields = ("url",)


@resource.register(collection_path="/user/bookmarks", collection_methods=("GET",))
class Bookmark(resource.BaseResource):
    mapping = BookmarkSchema()

    def get_parent_id(self, request: Any) -> str:
        return "somebody"

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        records, total = self.model.get_records(filters=[Filter("url", new["url"], COMPARISON.EQ)])
        return {**new, "others": [record["id"] for record in records], "total": total}

    def postprocess(self, result: Any, action: ACTIONS = ACTIONS.READ, old: Any = None) -> dict[str, Any]:
        return super().postprocess(result, action=action, old=old)


@resource.register(record_path="/albums/{{id}}")
class Album(resource.ShareableResource):
    permissions = ("read", "write", "picture:create")

    def __init__(self, request: Any, context: Any = None) -> None:
        super().__init__(request, context)
        self.model.current_principal = "somebody"


class AlbumModel(resource.ShareableModel):
    permissions_field = "__who__"


class Policy(AuthorizationPolicy):
    def get_bound_permissions(self, object_id: str, permission: str) -> list[tuple[str, str]]:
        return [(object_id, permission), (object_id.rpartition("/")[0], permission)]


score = Service(name="score", path="/score/{game}")
shared_score = Service(name="shared-score", path="/score", factory=RouteFactory)


def share(permission: PermissionBase) -> bool:
    permission.add_user_principal("basicauth:ada", "group:players")
    permission.replace_object_permissions("/score", {"read": ["group:players"], "write": []})
    readers: set[str] = permission.object_permissions("/score").get("read", set())
    return permission.check_permission("/score", "read", readers)


def use(storage: StorageBase, cache: CacheBase) -> int:
    records, total = storage.get_all("bookmark", "ada", sorting=[Sort("url", 1)], limit=3)
    timestamp: int = storage.collection_timestamp("bookmark", "ada")
    cache.set("key", records, ttl=0.5)
    left: float = cache.ttl("key")
    return total + timestamp + int(left)


def main(global_config: dict[str, str], **settings: Any) -> Any:
    config = Configurator(settings=settings)
    cliquet_like.initialize(config, version="1.0")
    use(Storage(), config.registry.cache)
    return cliquet_like.install_middlewares(config.make_wsgi_app())

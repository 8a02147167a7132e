"""An audit trail, as a plugin for the setting ``includes``: who changed which records, and when."""

from typing import Any

import colander

from cliquet_like import resource, schema
from cliquet_like.events import ResourceChanged

COLLECTION = "audit"
# Transactions wait for collections in the order of their parents only: the trail, which each of
# them writes at its end, comes behind all users (``basicauth:...``).
PARENT = "~audit"
TOLD = ("user_id", "action", "resource_name", "uri")


def includeme(config: Any) -> None:
    """Keep a trail of all resources, at ``/audit``; the setting ``audit_read_principals`` says for whom."""
    config.add_api_capability("audit", description="Keeps who changed which records.")
    config.add_subscriber(keep_entry, ResourceChanged)
    config.scan(__name__)


def keep_entry(event: Any) -> None:
    """Write an entry in the transaction of the change: there are both, or none."""
    changed = [change.get("new") or change["old"] for change in event.impacted_records]
    entry = {name: event.payload[name] for name in TOLD}
    entry["records"] = [record["id"] for record in changed]
    event.request.registry.storage.create(COLLECTION, PARENT, entry)


class EntrySchema(schema.ResourceSchema):
    """What one may filter by; ``last_modified`` is the time of the entry."""

    user_id = colander.SchemaNode(colander.String())
    action = colander.SchemaNode(colander.String())
    resource_name = colander.SchemaNode(colander.String())
    uri = colander.SchemaNode(colander.String())
    records = colander.SequenceSchema(colander.SchemaNode(colander.String()))


@resource.register(
    name=COLLECTION,
    collection_path="/audit",
    record_path="/audit/{{id}}",
    collection_methods=("GET",),
    record_methods=("GET",),
)
class Audit(resource.ShareableResource):
    """The trail, which can only be read, and only by who has a permission on it."""

    mapping = EntrySchema()

    def get_parent_id(self, request: Any) -> str:
        """One trail for all users."""
        return PARENT

"""Bodies of a resource's requests: their schemas, and the validator that keeps what was sent."""

from collections.abc import Iterable
from typing import Any

import colander

from cliquet_like.kernel.dicts import copy_deeply
from cliquet_like.web.body import deserialize, read_object


class _Members(colander.Mapping):
    """Mapping of which nothing is unknown: colander's takes more steps to look for that."""

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> Any:
        """Values of the members. Raises ``colander.Invalid``, also for what is no mapping."""
        if not isinstance(cstruct, dict):
            return super().deserialize(node, cstruct)
        found = {}
        wrong = []
        for number, member in enumerate(node.children):
            try:
                value = member.deserialize(cstruct.get(member.name, colander.null))
            except colander.Invalid as error:
                wrong.append((error, number))
            else:
                if value is not colander.drop:
                    found[member.name] = value
        if wrong:
            raise _joined(node, wrong)
        return found


def _joined(node: colander.SchemaNode, wrong: Iterable[tuple[colander.Invalid, int]]) -> colander.Invalid:
    """What is wrong with a mapping: that of its members, each with its number."""
    whole = colander.Invalid(node)
    for error, number in wrong:
        whole.add(error, number)
    return whole


class PayloadSchema(colander.MappingSchema):
    """Body of a request: ``data``, and nothing else unless a subclass says so.

    With ``data_optional`` an absent ``data`` is an empty one, and an empty body is ``{}``; with
    ``permissions_suffice`` it may be absent where ``permissions`` are there.
    """

    data_optional: bool = False
    permissions_suffice: bool = False

    schema_type = _Members

    def deserialize(self, cstruct: Any = colander.null) -> Any:
        """Validated body. Raises ``colander.Invalid`` that names what is wrong."""
        if isinstance(cstruct, dict):
            self._refuse_unknown(cstruct)
            if self.data_optional or (self.permissions_suffice and "permissions" in cstruct):
                cstruct = {"data": {}, **cstruct}
        return super().deserialize(cstruct)

    def _refuse_unknown(self, body: dict[str, Any]) -> None:
        unknown = body.keys() - {node.name for node in self.children}
        if not unknown:
            return
        error = colander.Invalid(self)
        for name in unknown:
            error.add(colander.Invalid(colander.SchemaNode(colander.Mapping(), name=name), "Unknown key"))
        raise error


class _AnyMapping(colander.Mapping):
    """Mapping of anything; one that keeps what is unknown copies it in a way that takes longer."""

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> Any:
        """Copy of a mapping. Raises ``colander.Invalid`` for anything else."""
        return copy_deeply(cstruct) if isinstance(cstruct, dict) else super().deserialize(node, cstruct)


def payload_schema(data: colander.SchemaNode) -> PayloadSchema:
    """Schema of a body whose ``data`` is a record; the given schema is cloned, never changed."""
    record = data.clone()
    record.name = "data"
    schema = PayloadSchema()
    schema.add(record)
    schema.data_optional = _accepts_nothing(data)
    return schema


def changes_schema() -> PayloadSchema:
    """Schema of a PATCH body: any mapping as ``data``; the result of the change is validated."""
    schema = PayloadSchema()
    schema.add(colander.SchemaNode(_AnyMapping(), name="data"))
    return schema


def with_permissions(
    schema: PayloadSchema, permissions: colander.SchemaNode, *, suffices: bool
) -> PayloadSchema:
    """The given schema with ``permissions`` besides ``data``, or instead of it when they suffice."""
    schema.add(permissions)
    schema.permissions_suffice = suffices
    return schema


def _accepts_nothing(schema: colander.SchemaNode) -> bool:
    try:
        schema.deserialize({})
    except colander.Invalid:
        return False
    return True


def validate_payload(request: Any, schema: Any = None, **_: Any) -> None:
    """Cornice validator: fill ``request.validated`` or ``request.errors``.

    ``validated`` gets the keys of the schema, and ``body``: what was sent, before the schema.
    """
    body = read_object(request)
    if body is not None and deserialize(request, schema, body):
        request.validated["body"] = body

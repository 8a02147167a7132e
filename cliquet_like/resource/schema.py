"""Schemas of records: colander nodes that know unique, read-only and unknown fields."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import colander

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.text import strip_whitespace

_URL_MAX_LENGTH = 2048
_PRINCIPAL_MAX_LENGTH = 255
_URL_SHAPE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\x00-\x1f\x7f/?#][^\s\x00-\x1f\x7f]*")
# Most URLs: nothing stands between ``//`` and the path but a host, so that none of it need be taken apart.
_PLAIN_URL = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:/[^\s\x00-\x1f\x7f]*)?")
_URL_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})


class ResourceSchema(colander.MappingSchema):
    """Schema of a resource's records.

    The inner class ``Options`` says ``unique_fields`` (no two records of a parent share a
    value), ``readonly_fields`` (set at creation or by the service, never changed by a client),
    ``preserve_unknown`` (fields outside of the schema are kept; by default they are dropped)
    and ``indexed_fields`` (for ``cliquet-like migrate``: each entry is a field, or a tuple of
    three fields at most, that lists are filtered and sorted by; a leading ``-`` is descending).
    An ``Options`` that names only some of them has the defaults for the others.
    """

    class Options:
        """Options of the records."""

        unique_fields: tuple[str, ...] = ()
        readonly_fields: tuple[str, ...] = ()
        preserve_unknown: bool = False
        indexed_fields: tuple[str | tuple[str, ...], ...] = ()

    @classmethod
    def get_option(cls, name: str) -> Any:
        """Value of an option, the default if the schema's ``Options`` does not say.

        Raises ``AttributeError`` for a name that is no option.
        """
        default = getattr(ResourceSchema.Options, name)
        return getattr(cls.Options, name, default)

    @classmethod
    def is_readonly(cls, field: str) -> bool:
        """Whether clients may not change the field of an existing record."""
        return field in cls.get_option("readonly_fields")

    @classmethod
    def schema_type(cls, **_: Any) -> Any:
        """Keep or drop the fields that are not in the schema."""
        return colander.Mapping(unknown="preserve" if cls.get_option("preserve_unknown") else "ignore")


class PermissionsSchema(colander.SchemaNode):
    """Who may do what: from permission names to lists of principals (texts of 1 to 255 characters).

    With ``permissions`` given, kept as ``known_perms``, another name is refused. An empty
    mapping and empty lists are fine.
    """

    schema_type = staticmethod(lambda **_: colander.Mapping(unknown="preserve"))
    title = "permissions"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the known names off the keyword arguments."""
        self.known_perms: tuple[str, ...] = tuple(kwargs.pop("permissions", ()))
        super().__init__(*args, **kwargs)

    def deserialize(self, cstruct: Any = colander.null) -> Any:
        """Mapping of names to lists. Raises ``colander.Invalid`` naming what is wrong."""
        if cstruct is not colander.null and not isinstance(cstruct, Mapping):
            raise colander.Invalid(self, "Should be an object of permissions with their principals")
        permissions = super().deserialize(cstruct)
        if not isinstance(permissions, dict):
            return permissions
        return {name: self._principals(name, principals) for name, principals in permissions.items()}

    def _principals(self, name: str, principals: Any) -> list[str]:
        if self.known_perms and name not in self.known_perms:
            raise self._invalid(name, f"Unknown permission '{name}'")
        if not isinstance(principals, list) or not all(isinstance(p, str) for p in principals):
            raise self._invalid(name, "Should be a list of texts")
        if not all(1 <= len(text) <= _PRINCIPAL_MAX_LENGTH for text in (name, *principals)):
            raise self._invalid(name, f"Texts should have 1 to {_PRINCIPAL_MAX_LENGTH} characters")
        return principals

    def _invalid(self, name: str, message: str) -> colander.Invalid:
        error = colander.Invalid(self)
        error.add(colander.Invalid(colander.SchemaNode(colander.String(), name=name), message))
        return error


class TimeStamp(colander.SchemaNode):
    """Milliseconds since the epoch, now when absent and ``auto_now`` is true."""

    schema_type = colander.Integer
    title = "Epoch timestamp"
    auto_now: bool = True
    missing: ClassVar[Any] = None

    def deserialize(self, cstruct: Any = colander.null) -> Any:
        """The given number, else the current time (``missing`` without ``auto_now``)."""
        if cstruct is colander.null and self.auto_now:
            return msec_time()
        return super().deserialize(cstruct)


class URL(colander.SchemaNode):
    """An absolute http, https or ftp URL of 1 to 2048 characters; blanks around it are dropped.

    User and password, port, hosts without a dot and fragments are allowed (RFC 3986, section 3).
    """

    schema_type = colander.String
    preparer = staticmethod(strip_whitespace)

    def validator(self, node: colander.SchemaNode, value: str) -> None:
        """Raise ``colander.Invalid`` when the text is no absolute URL."""
        if len(value) <= _URL_MAX_LENGTH and _PLAIN_URL.fullmatch(value):
            return
        colander.Length(min=1, max=_URL_MAX_LENGTH)(node, value)
        if not _URL_SHAPE.fullmatch(value) or not _has_host(value):
            raise colander.Invalid(node, "Must be an absolute URL")


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _URL_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False

"""Query strings of collections: text in, one frozen :class:`Query` or a :class:`QueryError` out."""

from cliquet_like.resource.query.errors import QueryError
from cliquet_like.resource.query.fields import parse_fields
from cliquet_like.resource.query.filters import parse_timestamp
from cliquet_like.resource.query.pagination import encode_token
from cliquet_like.resource.query.parsing import FieldNames, Query, parse_query

__all__ = [
    "FieldNames",
    "Query",
    "QueryError",
    "encode_token",
    "parse_fields",
    "parse_query",
    "parse_timestamp",
]

"""Facade: the small functions that applications import, from the rooms that own them."""

from cliquet_like.kernel.clock import msec_time
from cliquet_like.kernel.deprecation import DeprecatedMeta
from cliquet_like.kernel.dicts import dict_subset, merge_dicts
from cliquet_like.kernel.text import (
    classname,
    decode64,
    encode64,
    hmac_digest,
    random_bytes_hex,
    strip_uri_prefix,
    strip_whitespace,
)
from cliquet_like.kernel.values import native_value, read_env
from cliquet_like.storage.query import COMPARISON
from cliquet_like.web.cors import reapply_cors
from cliquet_like.web.headers import decode_header, encode_header
from cliquet_like.web.routing import current_resource_name, current_service
from cliquet_like.web.subrequests import build_request, build_response, follow_subrequest

__all__ = [
    "COMPARISON",
    "DeprecatedMeta",
    "build_request",
    "build_response",
    "classname",
    "current_resource_name",
    "current_service",
    "decode64",
    "decode_header",
    "dict_subset",
    "encode64",
    "encode_header",
    "follow_subrequest",
    "hmac_digest",
    "merge_dicts",
    "msec_time",
    "native_value",
    "random_bytes_hex",
    "read_env",
    "reapply_cors",
    "strip_uri_prefix",
    "strip_whitespace",
]

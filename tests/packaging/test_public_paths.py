"""Every public path that applications import, and what it must be."""

import importlib

import pytest

PUBLIC = {
    "cliquet_like": (
        "DEFAULT_SETTINGS PROTOCOL_VERSION Service __version__ includeme initialize install_middlewares "
        "load_default_settings logger"
    ),
    "cliquet_like.authentication": "BasicAuthAuthenticationPolicy prefixed_userid",
    "cliquet_like.authorization": "AuthorizationPolicy DYNAMIC PRIVATE RouteFactory groupfinder",
    "cliquet_like.cache": "CacheBase heartbeat memory postgresql redis sqlite",
    "cliquet_like.cache.memory": "Cache load_from_config",
    "cliquet_like.cache.postgresql": "Cache load_from_config",
    "cliquet_like.cache.redis": "Cache load_from_config",
    "cliquet_like.cache.sqlite": "Cache load_from_config",
    "cliquet_like.errors": "ERRORS http_error json_error_handler raise_invalid send_alert",
    "cliquet_like.events": (
        "ACTIONS AfterResourceChanged AfterResourceRead ResourceChanged ResourceRead get_resource_events "
        "notify_resource_event setup_transaction_hook"
    ),
    "cliquet_like.initialization": (
        "install_middlewares load_default_settings setup_authentication setup_backoff setup_cache "
        "setup_deprecation setup_json_serializer setup_listeners setup_logging setup_permission "
        "setup_request_bound_data setup_requests_scheme setup_storage setup_vary_headers "
        "setup_version_redirection"
    ),
    "cliquet_like.listeners": "ListenerBase",
    "cliquet_like.listeners.redis": "Listener load_from_config",
    "cliquet_like.logs": "ClassicLogRenderer JSONLogRenderer MozillaHekaRenderer logger",
    "cliquet_like.permission": "PermissionBase heartbeat memory postgresql redis sqlite",
    "cliquet_like.permission.memory": "Permission load_from_config",
    "cliquet_like.permission.postgresql": "Permission load_from_config",
    "cliquet_like.permission.redis": "Permission load_from_config",
    "cliquet_like.permission.sqlite": "Permission load_from_config",
    "cliquet_like.resource": (
        "BaseResource Model ProtectedResource ResourceSchema ShareableModel ShareableResource "
        "ShareableViewSet UserResource ViewSet register register_resource"
    ),
    "cliquet_like.resource.model": "Model ProtectedModel ShareableModel",
    "cliquet_like.resource.schema": "PermissionsSchema ResourceSchema TimeStamp URL",
    "cliquet_like.resource.viewset": "ProtectedViewSet ShareableViewSet ViewSet",
    "cliquet_like.scripts.cliquet_like": "init_schema main",
    "cliquet_like.schema": "PermissionsSchema ResourceSchema TimeStamp URL",
    "cliquet_like.statsd": "Client load_from_config statsd_count statsd_module",
    "cliquet_like.storage": (
        "DEFAULT_DELETED_FIELD DEFAULT_ID_FIELD DEFAULT_MODIFIED_FIELD Filter Sort StorageBase "
        "exceptions generators heartbeat memory postgresql redis sqlite"
    ),
    "cliquet_like.storage.exceptions": "BackendError IntegrityError RecordNotFoundError UnicityError",
    "cliquet_like.storage.generators": "Generator UUID4",
    "cliquet_like.storage.memory": "Storage load_from_config",
    "cliquet_like.storage.postgresql": "Storage load_from_config",
    "cliquet_like.storage.postgresql.client": "PostgreSQL client_from_config",
    "cliquet_like.storage.postgresql.pool": "QueuePoolWithMaxBacklog",
    "cliquet_like.storage.redis": "Storage load_from_config",
    "cliquet_like.storage.sqlite": "Storage load_from_config",
    "cliquet_like.testing": (
        "CacheContract CacheFailuresContract FrozenClock PermissionContract PermissionFailuresContract "
        "StorageContract StorageFailuresContract"
    ),
    "cliquet_like.utils": (
        "COMPARISON DeprecatedMeta build_request build_response classname current_resource_name "
        "current_service decode64 decode_header dict_subset encode64 encode_header follow_subrequest "
        "hmac_digest merge_dicts msec_time native_value random_bytes_hex read_env reapply_cors "
        "strip_uri_prefix strip_whitespace"
    ),
    "cliquet_like.views.batch": "batch",
    "cliquet_like.views.heartbeat": "heartbeat",
    "cliquet_like.views.hello": "hello",
    "cliquet_like_fxa": "DEFAULT_SETTINGS includeme",
    "cliquet_like_fxa.authentication": "FxAOAuthAuthenticationPolicy TokenVerificationCache",
    "cliquet_like_fxa.heartbeat": "fxa_ping",
    "cliquet_like_fxa.testing": "Fault NONSENSE OAuthServer",
    "cliquet_like_fxa.utils": "fxa_conf",
    "cliquet_like_fxa.views": "params relier",
}
PATHS = [(module, name) for module, names in PUBLIC.items() for name in names.split()]


@pytest.mark.parametrize(("module", "name"), PATHS)
def test_a_public_name_can_be_imported(module: str, name: str) -> None:
    namespace: dict[str, object] = {}

    exec(f"from {module} import {name}", namespace)

    assert namespace[name] is not None


def test_one_class_has_both_names() -> None:
    resource = importlib.import_module("cliquet_like.resource")

    assert resource.BaseResource is resource.UserResource


def test_the_schema_classes_are_the_same_on_both_paths() -> None:
    old, new = (importlib.import_module(f"cliquet_like.{name}") for name in ("schema", "resource.schema"))

    assert all(getattr(old, name) is getattr(new, name) for name in old.__all__)

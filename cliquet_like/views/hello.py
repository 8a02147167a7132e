"""GET /: who the service is, where it is, and what a client may ask of it."""

from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.kernel.version import PROTOCOL_VERSION
from cliquet_like.service import Service
from cliquet_like.settings.resolution import strip_prefix
from cliquet_like.web.responses import json_response

hello = Service(name="cliquet_like.hello", path="/", description="Welcome")


@hello.get(permission=NO_PERMISSION_REQUIRED)
def get_hello(request: Any) -> Any:
    """``eos`` is shown when it is set, ``user`` when the request has one."""
    settings = request.registry.settings
    body = {
        "project_name": settings["project_name"],
        "project_version": settings["project_version"],
        "http_api_version": settings.get("http_api_version"),
        "project_docs": settings["project_docs"],
        "cliquet_protocol_version": PROTOCOL_VERSION,
        "url": request.route_url(hello.name),
        "settings": _public_settings(request.registry),
        "capabilities": request.registry.api_capabilities,
    }
    if settings.get("eos"):
        body["eos"] = str(settings["eos"])
    if request.prefixed_userid is not None:
        body["user"] = request.get_user_info()
    return json_response(request, body)


def _public_settings(registry: Any) -> dict[str, Any]:
    """Values of the public settings, each under the name by which it was made public."""
    settings = registry.settings
    prefixes = ("cliquet_like.", f"{settings['project_name']}.")
    return {name: settings.get(strip_prefix(name, prefixes)) for name in sorted(registry.public_settings)}

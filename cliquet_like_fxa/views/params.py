"""GET /fxa-oauth/params: what a client needs in order to get a token itself."""

from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.service import Service
from cliquet_like_fxa.settings import settings_of

params = Service(name="fxa-oauth-params", path="/fxa-oauth/params", description="Firefox Accounts parameters")


@params.get(permission=NO_PERMISSION_REQUIRED)
def get_params(request: Any) -> dict[str, Any]:
    """``scope`` is what a token must have for this service, several separated by blanks."""
    settings = settings_of(request.registry)
    return {
        "client_id": settings.client_id,
        "oauth_uri": settings.oauth_uri,
        "scope": " ".join(settings.required_scope),
    }

"""The protocol of the accounts server, as PyFxA and a browser speak it."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound, HTTPNotFound
from pyramid.request import Request
from pyramid.response import Response

from cliquet_like_fxa.testing import refusals
from cliquet_like_fxa.testing.codes import Codes, Consent, parse_challenge
from cliquet_like_fxa.testing.refusals import Refusal, error_body
from cliquet_like_fxa.testing.sign_in_page import render_sign_in
from cliquet_like_fxa.testing.tokens import Kind, Tokens, user_id_of

TOKEN_TTL_S = 3600
DEFAULT_SCOPE = "profile"


@dataclass
class Client:
    """The one application that is registered; ``token_kind`` is what it gets for a code."""

    client_id: str
    client_secret: str
    redirect_uri: str = ""
    token_kind: Kind = "opaque"


class Endpoints:
    """The views, each named after its path."""

    def __init__(self, client: Client, codes: Codes, tokens: Tokens) -> None:
        self._client = client
        self._codes = codes
        self._tokens = tokens

    def authorization_form(self, request: Request) -> Response:
        """The sign-in page; nothing is asked of a user when the answer could go nowhere."""
        self._consent(request.GET, user_id="")
        return Response(render_sign_in(request.GET), cache_control="no-store")

    def authorization(self, request: Request) -> Response:
        """Back to the application, with a code (RFC 6749, section 4.1.2); with an error for who cancels."""
        if request.POST.get("cancel"):
            self._consent(request.GET, user_id="")
            return self._back(request, error="access_denied")
        email = request.POST.get("email", "")
        if "@" not in email:
            raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: email")
        code = self._codes.issue(self._consent(request.GET, user_id_of(email)))
        return self._back(request, code=code)

    def token(self, request: Request) -> dict[str, Any]:
        """An access token for a code (RFC 6749, section 4.1.3).

        As at the accounts server, ``grant_type`` and ``redirect_uri`` may be left out: PyFxA sends neither.
        """
        body = _json_object(request)
        self._authenticate_client(body)
        if body.get("grant_type", "authorization_code") != "authorization_code":
            raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: grant_type")
        if body.get("redirect_uri", self._client.redirect_uri) != self._client.redirect_uri:
            raise Refusal(refusals.WRONG_REDIRECT, "Incorrect redirect_uri")
        ttl_s = _parse_ttl(body.get("ttl", TOKEN_TTL_S))
        consent = self._codes.redeem(_text(body, "code"), _text(body, "code_verifier", missing=""))
        token = self._tokens.issue(
            consent.user_id,
            self._client.client_id,
            consent.scope,
            kind=self._client.token_kind,
            ttl_s=ttl_s,
            issuer=request.host_url,
        )
        return {
            "access_token": token,
            "token_type": "bearer",
            "scope": consent.scope,
            "auth_at": int(time.time()),
            "expires_in": ttl_s,
        }

    def verify(self, request: Request) -> dict[str, Any]:
        """Whose token it is, and for what."""
        grant = self._tokens.verify(_text(_json_object(request), "token"))
        return {"user": grant.user_id, "client_id": grant.client_id, "scope": grant.scope.split()}

    def destroy(self, request: Request) -> dict[str, Any]:
        """Nothing, once the token is revoked."""
        self._tokens.revoke(_text(_json_object(request), "token"))
        return {}

    def jwks(self, request: Request) -> dict[str, Any]:
        """The keys that verify a signed token (RFC 7517, section 5)."""
        return {"keys": self._tokens.public_keys()}

    def client(self, request: Request) -> dict[str, Any]:
        """What everybody may know of an application."""
        self._refuse_other_clients(request.matchdict["id"])
        return {
            "id": self._client.client_id,
            "name": "The application under test",
            "redirect_uri": self._client.redirect_uri,
            "image_uri": "",
            "trusted": True,
        }

    def heartbeat(self, request: Request) -> dict[str, Any]:
        """An empty object: all is well."""
        return {}

    def _back(self, request: Request, **answer: str) -> HTTPFound:
        query = urlencode({**answer, "state": request.GET["state"]})
        uri = self._client.redirect_uri
        return HTTPFound(location=f"{uri}{'&' if '?' in uri else '?'}{query}")

    def _consent(self, params: Mapping[str, str], user_id: str) -> Consent:
        """What is asked of the user. A refusal is not sent to the application (RFC 6749, 4.1.2.1)."""
        self._refuse_other_clients(params.get("client_id", ""))
        registered = self._client.redirect_uri
        if not registered or params.get("redirect_uri", registered) != registered:
            raise Refusal(refusals.WRONG_REDIRECT, "Incorrect redirect_uri: OAuthServer.redirect_uri has it")
        if not params.get("state"):
            raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: state")
        if params.get("response_type", "code") != "code":
            raise Refusal(refusals.INVALID_RESPONSE_TYPE, "Invalid response_type")
        challenge = parse_challenge(params.get("code_challenge", ""), params.get("code_challenge_method", ""))
        return Consent(user_id, params.get("scope") or DEFAULT_SCOPE, challenge)

    def _authenticate_client(self, body: Mapping[str, Any]) -> None:
        self._refuse_other_clients(_text(body, "client_id"))
        secret, verifier = (_text(body, name, missing="") for name in ("client_secret", "code_verifier"))
        if secret and verifier:
            raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: client_secret")
        if verifier:
            # A public client: the challenge of its code is its proof.
            return
        # JSON may hold half a character.
        if not hmac.compare_digest(secret.encode("utf-8", "replace"), self._client.client_secret.encode()):
            raise Refusal(refusals.WRONG_SECRET, "Incorrect client secret")

    def _refuse_other_clients(self, client_id: str) -> None:
        if client_id != self._client.client_id:
            raise Refusal(refusals.UNKNOWN_CLIENT, "Unknown client")


def add_endpoints(config: Configurator, endpoints: Endpoints) -> None:
    """Routes and views; what is nowhere is a 404 in the form of the other errors."""
    _add(config, "GET", "/v1/authorization", endpoints.authorization_form)
    _add(config, "POST", "/v1/authorization", endpoints.authorization)
    _add(config, "POST", "/v1/token", endpoints.token)
    _add(config, "POST", "/v1/verify", endpoints.verify)
    _add(config, "POST", "/v1/destroy", endpoints.destroy)
    _add(config, "GET", "/v1/jwks", endpoints.jwks)
    _add(config, "GET", "/v1/client/{id}", endpoints.client)
    _add(config, "GET", "/v1/__heartbeat__", endpoints.heartbeat)
    _add(config, "GET", "/__heartbeat__", endpoints.heartbeat)
    config.add_exception_view(_refused, context=Refusal)
    config.add_exception_view(_undecodable, context=UnicodeDecodeError)
    config.add_notfound_view(_not_found)


def _add(config: Configurator, method: str, path: str, view: Any) -> None:
    name = f"{method} {path}"
    config.add_route(name, path, request_method=method)
    config.add_view(view, route_name=name, renderer="json")


def _refused(refusal: Refusal, request: Request) -> Response:
    body = error_body(refusal.status, refusal.errno, refusal.message)
    return Response(json=body, status=refusal.status)


def _undecodable(error: UnicodeDecodeError, request: Request) -> Response:
    """Of a path, a query or a form."""
    return _refused(Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: no UTF-8"), request)


def _not_found(reason: HTTPNotFound, request: Request) -> Response:
    return Response(json=error_body(404, refusals.UNEXPECTED, "Not Found"), status=404)


def _json_object(request: Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise Refusal(refusals.INVALID_CONTENT_TYPE, "Invalid content type", status=415)
    try:
        body = request.json_body
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: the body is no JSON object")
    return body


def _text(body: Mapping[str, Any], name: str, *, missing: str | None = None) -> str:
    value = body.get(name, missing)
    if not isinstance(value, str):
        raise Refusal(refusals.INVALID_PARAMETER, f"Invalid request parameter: {name}")
    return value


def _parse_ttl(value: Any) -> int:
    """Seconds, at most what the server gives by itself."""
    if not isinstance(value, int) or value < 1:
        raise Refusal(refusals.INVALID_PARAMETER, "Invalid request parameter: ttl")
    return min(value, TOKEN_TTL_S)

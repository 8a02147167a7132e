"""GET /fxa-oauth/login and /fxa-oauth/token: a browser's way to the OAuth server, and back with a token."""

import re
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode

from pyramid.httpexceptions import (
    HTTPFound,
    HTTPMethodNotAllowed,
    HTTPRequestTimeout,
    HTTPServiceUnavailable,
)
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet_like.errors import ERRORS, http_error, raise_invalid
from cliquet_like.logs import logger
from cliquet_like.service import Service
from cliquet_like_fxa.login_state import (
    Login,
    digest_of,
    is_state,
    keep_login,
    new_secret,
    take_login,
)
from cliquet_like_fxa.oauth import Challenge, OAuthServer, Refused, ServerUnavailable
from cliquet_like_fxa.redirects import is_allowed, with_error, with_token
from cliquet_like_fxa.settings import FxASettings, settings_of
from cliquet_like_fxa.verification import verifier_of
from cliquet_like_fxa.views.cookies import give_secret, secret_of, take_secret_back


class _OnlyGet(Service):
    """A service of which HEAD is refused: its GET is no safe method (RFC 9110, section 9.2.1)."""

    def add_view(self, method: str, view: Any, **kwargs: Any) -> None:
        """As the base class does, without the HEAD that Cornice adds to each GET."""
        super().add_view(method, view, **kwargs)
        self.definitions: list[Any] = [one for one in self.definitions if one[0] != "HEAD"]
        self.defined_methods: list[str] = [one for one in self.defined_methods if one != "HEAD"]


login = _OnlyGet(name="fxa-oauth-login", path="/fxa-oauth/login", description="Sign in with Firefox Accounts")
token = _OnlyGet(name="fxa-oauth-token", path="/fxa-oauth/token", description="End of signing in")

# RFC 6749, appendix A.11; the length is ours.
_CODE: Final = re.compile(r"[\x20-\x7e]{1,1024}", re.ASCII)
# Narrower than appendix A.7, and wide enough for every error that there is.
_ERROR: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CANCELLED: Final = "access_denied"
_NO_BATCH: Final = "A browser signs in by itself, and in no batch."
_NOT_FOUND: Final = "The OAuth session was not found, please re-authenticate."


@login.get(permission=NO_PERMISSION_REQUIRED)
def get_login(request: Any) -> Any:
    """Redirect to the OAuth server, which sends the browser to ``/fxa-oauth/token`` afterwards."""
    request.add_response_callback(_keep_private)
    _refuse_all_but_browsers(request)
    settings = settings_of(request.registry)
    redirect = _parameter(request, "redirect")
    if not is_allowed(redirect, settings.webapp_authorized_domains):
        hint = ": an @ behind the host is written %40" if "@" in redirect else ""
        raise_invalid(request, "querystring", "redirect", f"redirect is no URL that is allowed here{hint}")
    cache, server = _needed(request)
    challenge = server.challenge() if settings.pkce_enabled else None
    state, ttl_s = new_secret(), settings.state_ttl_seconds
    response = HTTPFound(_authorization_url(settings, state, challenge))
    bound = settings.state_bind_to_browser
    begun = Login(
        redirect=redirect,
        verifier=challenge.verifier if challenge else None,
        browser=digest_of(give_secret(request, response, state, ttl_s=ttl_s)) if bound else None,
    )
    keep_login(cache, state, begun, ttl_s=ttl_s)
    return response


@token.get(permission=NO_PERMISSION_REQUIRED)
def get_token(request: Any) -> Any:
    """Redirect to where the login was begun for, with a token at the end of the URL.

    With ``error`` instead where the OAuth server says that there is none (RFC 6749, section
    4.1.2.1). Whatever comes of it, the state is used up, unless another browser brings it.
    """
    request.add_response_callback(_keep_private)
    _refuse_all_but_browsers(request)
    cache, server = _needed(request)
    begun = _end_login(request, cache)
    _parameter(request, "state")
    name = "error" if "error" in request.GET else "code"
    answer = _parameter(request, name)
    if begun is None:
        raise http_error(HTTPRequestTimeout(), errno=ERRORS.MISSING_AUTH_TOKEN, message=_NOT_FOUND)
    if name == "error":
        return HTTPFound(with_error(begun.redirect, _checked_error(request, answer)))
    return HTTPFound(with_token(begun.redirect, _trade(request, server, answer, begun.verifier)))


def _end_login(request: Any, cache: Any) -> Login | None:
    """The login of the one state of a query, taken before anything else in there can be refused."""
    states = parse_qs(request.query_string, keep_blank_values=True).get("state", [])
    if len(states) != 1 or not is_state(states[0]):
        return None
    (state,) = states
    begun = take_login(cache, state, secret_of(request, state))
    request.add_response_callback(partial(_forget_browser, state))
    return begun


def _checked_error(request: Any, error: str) -> str:
    """The error, logged if it is not that the user cancelled; 400 for what none of them looks like."""
    if not _ERROR.fullmatch(error):
        raise_invalid(request, "querystring", "error", "error is none of the OAuth server")
    if error != _CANCELLED:
        logger.warning("OAuth server refused a login", reason=error)
    return error


def _trade(request: Any, server: OAuthServer, code: str, verifier: str | None) -> str:
    """Token for a code; 400 when it is refused, 503 when the server is of no use."""
    if not _CODE.fullmatch(code):
        raise_invalid(request, "querystring", "code", "code is none of the OAuth server")
    try:
        return server.trade(code, verifier)
    except Refused:
        raise_invalid(request, "querystring", "code", "code was refused by the OAuth server")
    except ServerUnavailable as error:
        raise HTTPServiceUnavailable() from error


def _refuse_all_but_browsers(request: Any) -> None:
    """405 for HEAD, which must change nothing; 400 for a request of a batch.

    A batch would show the state and the cookie to a script, and might undo that a state is used up.
    """
    if request.method != "GET":
        error = ERRORS.METHOD_NOT_ALLOWED
        refusal = HTTPMethodNotAllowed(headers={"Allow": ", ".join(request.current_service.defined_methods)})
        raise http_error(refusal, errno=error, message=error.text)
    if getattr(request, "parent", None) is not None:
        raise_invalid(request, "path", description=_NO_BATCH)


def _parameter(request: Any, name: str) -> str:
    """The one value of a parameter; 400 when it is missing, empty, there twice, or something is no UTF-8."""
    try:
        values: list[str] = request.GET.getall(name)
    except UnicodeDecodeError:
        raise_invalid(request, "querystring", "querystring", "The query string is not UTF-8")
    if len(values) > 1:
        raise_invalid(request, "querystring", name, "It is there more than once.")
    if not values or not values[0]:
        raise_invalid(request, "querystring", name, "Required")
    return values[0]


def _needed(request: Any) -> tuple[Any, OAuthServer]:
    """Cache and server; 503, and the log says why, where the application has not both."""
    registry = request.registry
    cache, oauth_uri = getattr(registry, "cache", None), settings_of(registry).oauth_uri
    if cache is None or oauth_uri is None:
        missing = "cache_backend" if cache is None else "fxa-oauth.oauth_uri"
        logger.error("Nobody can sign in, a setting is missing.", missing=missing)
        raise HTTPServiceUnavailable()
    return cache, verifier_of(registry).server


def _authorization_url(settings: FxASettings, state: str, challenge: Challenge | None) -> str:
    scope = "+".join(quote(scope, safe="") for scope in settings.requested_scope)
    client_id = quote(settings.client_id or "", safe="")
    query = f"action=signin&client_id={client_id}&state={state}&scope={scope}"
    if challenge is not None:
        query += f"&{urlencode(challenge.parameters)}"
    return f"{settings.oauth_uri}/authorization?{query}"


def _keep_private(request: Any, response: Any) -> None:
    """Nobody keeps the answer, and the next page does not learn the URL that it holds."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"


def _forget_browser(state: str, request: Any, response: Any) -> None:
    """The cookie is of no use any more, however the login ended."""
    take_secret_back(request, response, state)

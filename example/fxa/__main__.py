"""`make serve-fxa`: the service of fxa.ini, and a stand-in for Firefox Accounts that signs its users in."""

import errno
import signal
import socket
import sys
from pathlib import Path

import plaster

from cliquet_like_fxa.testing import OAuthServer
from example.fxa import HERE, main


def serve(ini: Path) -> int:
    """Serve both until Ctrl-C; the exit code says whether the ports could be had."""
    loader = plaster.get_loader(str(ini), protocols=["wsgi"])
    listening = loader.get_settings("server:main")
    service = "http://{host}:{port}".format(**listening)
    loader.setup_logging()
    # A shell without job control lets what it starts in the background ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        # First: nobody is to open an address at which another program answers.
        socket.create_server((listening["host"], int(listening["port"]))).close()
        with OAuthServer() as accounts:
            accounts.redirect_uri = f"{service}/v1/fxa-oauth/token"
            settings = {
                **loader.get_wsgi_app_settings("main"),
                "fxa-oauth.oauth_uri": accounts.url,
                "fxa-oauth.client_id": accounts.client_id,
                "fxa-oauth.client_secret": accounts.client_secret,
                "fxa-oauth.webapp.authorized_domains": service,
            }
            run = loader.get_wsgi_server("main")
            application = main({}, **settings)
            print(f"Open {service}/ in a browser (Ctrl-C stops).")
            print(
                f"The stand-in for Firefox Accounts is {accounts.url}: any e-mail address signs in.",
                flush=True,
            )
            run(application)
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        reason = "the port is taken by another program, stop it first" if is_taken else error.strerror
        print(f"Cannot serve on {service}: {reason}.", file=sys.stderr)
        return 1
    return 0


sys.exit(serve(Path(sys.argv[1]) if sys.argv[1:] else HERE / "fxa.ini"))

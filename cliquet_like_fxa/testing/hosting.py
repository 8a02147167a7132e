"""A WSGI application behind a real socket on 127.0.0.1, in threads that end with it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

CONNECTION = "cliquet_like_fxa.testing.connection"
"""Key of the WSGI environment: the socket, for who wants to close it."""

_POLL_S = 0.02


class _Handler(WSGIRequestHandler):
    """Says nothing on the terminal."""

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), CONNECTION: self.connection}

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a connection. A browser opens some ahead and says nothing on them: the end cuts them."""

    def __init__(self, port: int) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        # Without the name of the host, which HTTPServer asks of the network.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a peer that goes away is no news, and what the application raises wsgiref tells itself."""

    def close(self) -> None:
        """Cut every connection, and return when the last thread is gone."""
        self.shutdown()
        for connection in self._open.copy():
            close_connection(connection)
        self.server_close()


def close_connection(connection: socket.socket) -> None:
    """End it in both directions; the peer or its own thread may have done so before."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def hosted(app: Any, port: int = 0) -> Iterator[int]:
    """Serve until the end of the context; the value is the port, 0 asks for a free one.

    Raises ``OSError`` when the port is taken.
    """
    server = _Server(port)
    server.set_app(app)
    thread = threading.Thread(target=server.serve_forever, args=[_POLL_S])
    thread.start()
    try:
        yield server.server_port
    finally:
        server.close()
        thread.join()

"""`stepcurve explore`: a page in the browser, served to this machine alone."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bokeh.server.server import Server

HOST = "127.0.0.1"
PORT = 5007
MAX_MESSAGE = 2**18
"""Bytes of one message from a page: a few times what the longest expression takes."""


def make_server(port: int = PORT) -> Server:
    """The server, listening but not yet answering. An OSError if the port is taken; 0 is any that is free."""
    from bokeh.application import Application
    from bokeh.application.handlers import FunctionHandler
    from bokeh.server.server import Server

    from .page import modify
    from .table import Table

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        free = probe.getsockname()[1]
    options: dict[str, Any] = {
        "address": HOST,
        "allow_websocket_origin": [f"{HOST}:{free}", f"localhost:{free}"],
        "websocket_max_message_size": MAX_MESSAGE,
        "extra_patterns": [(r"/table\.csv", Table)],
    }
    return Server({"/": Application(FunctionHandler(modify))}, port=free, **options)


def serve(port: int = PORT, *, open_browser: bool = True) -> None:
    """Serve the page on 127.0.0.1 until Ctrl-C, and open it.

    Needs ``pip install 'stepcurve[explore]'``.
    """
    server = make_server(port)
    server.start()
    address = f"http://{HOST}:{server.port}/"
    print(f"stepcurve explore: {address} (Ctrl-C ends it)", flush=True)
    if open_browser:
        import webbrowser

        server.io_loop.add_callback(webbrowser.open, address)
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        print()
    finally:
        server.stop()

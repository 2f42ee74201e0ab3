"""Files of this host, served over HTTP, and over HTTPS with a certificate of its own."""

from __future__ import annotations

import ssl
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder's files."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def certificate(folder: Path, name: str = "DNS:localhost") -> tuple[Path, Path]:
    """Return a certificate of a host, `DNS:NAME` or `IP:ADDRESS`, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    new = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split()
    )
    argv = [*new, "-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(argv, check=True, capture_output=True)
    return cert, key


@contextmanager
def secure_server(
    files: tuple[Path, Path], handler: Callable[..., BaseHTTPRequestHandler], address: str = "127.0.0.1"
) -> Iterator[int]:
    """Serve over HTTPS in the block, with a certificate and its key, and yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with ThreadingHTTPServer((address, 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()

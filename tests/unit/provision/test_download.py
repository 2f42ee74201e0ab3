"""Files from addresses: which are asked at all, and what an https server of the test sends."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Final

import pytest
from tests.serving import certificate, secure_server

from sandbox.errors import UsageError
from sandbox.provision.download import fetch, refusal_of_ip, refusal_of_url
from sandbox.provision.network import HostNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT: Final = b"a package" * 1000
SUM: Final = hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.org/x.deb", "only https:// is taken"),
        ("ftp://example.org/x.deb", "only https:// is taken"),
        ("file:///etc/passwd", "only https:// is taken"),
        ("https:///x.deb", "names no server"),
        ("https://me:secret@example.org/x.deb", "a user's name or password"),
        ("https://example.org:99999/x.deb", "is no address"),
        ("https://[::1/x.deb", "is no address"),
        ("https://example.org/x y.deb", "must escape"),
        ("https://example.org/ü.deb", "must escape"),
        ("https://example.org/x.deb\r\nHost: other", "must escape"),
    ],
)
def test_an_address_of_another_kind_is_refused_with_the_reason(url: str, reason: str) -> None:
    assert reason in refusal_of_url(url)


def test_an_address_of_https_is_taken() -> None:
    assert not refusal_of_url("https://example.org:8443/pool/x_1.0~rc1%2Bb_amd64.deb?token=a")


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("169.254.169.254", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("2002:c0a8:101::1", "private"),
        ("100.64.0.1", "private"),
        ("fc00::1", "private"),
        ("fec0::1", "private"),
        ("0.0.0.0", "no network"),
        ("::", "no network"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("198.18.0.1", "private"),
        ("localhost", "no network"),
    ],
)
def test_an_address_of_no_public_network_is_refused(address: str, kind: str) -> None:
    assert kind in refusal_of_ip(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1"],
)
def test_a_public_address_is_taken(address: str) -> None:
    assert not refusal_of_ip(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1"])
def test_a_name_that_stands_for_a_local_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"packages\.example is"):
        fetch(
            "https://packages.example/x.deb",
            network=HostNetwork(),
            resolve=lambda _host, _port: ("93.184.216.34", address),
        )


@pytest.mark.parametrize("host", ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost"])
def test_this_host_is_not_asked_however_it_is_written(host: str) -> None:
    with pytest.raises(UsageError):
        fetch(f"https://{host}/x.deb", network=HostNetwork())


class Handler(BaseHTTPRequestHandler):
    """Sends a file, or what a path asks for."""

    def do_GET(self) -> None:
        """Answer."""
        moves = {"/moved": "/x.deb", "/plain": "http://localhost/x.deb", "/circle": "/circle", "/scheme": "file:///x"}
        if self.path in moves:
            self.send_response(302)
            self.send_header("Location", moves[self.path])
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT) + 10 * (self.path == "/short")))
            self.end_headers()
            self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name for it
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, HostNetwork]]:
    files = certificate(tmp_path_factory.mktemp("tls"))
    with secure_server(files, Handler) as port:
        yield f"https://localhost:{port}", HostNetwork(bundle=files[0].read_bytes())


@pytest.mark.parametrize("path", ["/x.deb", "/moved"])
def test_a_file_comes_whole_also_after_a_redirect(server: tuple[str, HostNetwork], path: str) -> None:
    url, network = server
    file, sha256, size = fetch(f"{url}{path}", network=network, allows_local=True)
    with file:
        assert (file.read(), sha256, size) == (CONTENT, SUM, len(CONTENT))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/plain", "only https:// is taken"),
        ("/scheme", "only https:// is taken"),
        ("/circle", "redirects more than 5 times"),
        ("/missing", "404"),
        ("/short", "ended after 9000 of 9010 bytes"),
    ],
)
def test_what_can_not_be_had_is_said_with_the_reason(server: tuple[str, HostNetwork], path: str, reason: str) -> None:
    url, network = server
    with pytest.raises(UsageError) as found:
        fetch(f"{url}{path}", network=network, allows_local=True)
    assert reason in " ".join([found.value.brief, *(text for _, text in found.value.details)])


def test_a_file_above_the_limit_is_refused(server: tuple[str, HostNetwork]) -> None:
    url, network = server
    with pytest.raises(UsageError, match="is larger than"):
        fetch(f"{url}/x.deb", network=network, allows_local=True, largest=8000)


def test_a_server_of_this_host_is_refused_unless_that_is_allowed(server: tuple[str, HostNetwork]) -> None:
    url, network = server
    with pytest.raises(UsageError, match=r"is (127\.0\.0\.1|::1), which is of this host's loopback"):
        fetch(f"{url}/x.deb", network=network)


def test_a_certificate_that_nobody_vouches_for_is_refused(server: tuple[str, HostNetwork]) -> None:
    url, _ = server
    with pytest.raises(UsageError) as found:
        fetch(f"{url}/x.deb", network=HostNetwork(), allows_local=True)
    assert "CERTIFICATE_VERIFY_FAILED" in found.value.details[0][1]

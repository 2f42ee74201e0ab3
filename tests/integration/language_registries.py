"""The lab's registries of crates, gems, Go's modules and rocks, served, and an image whose managers ask them."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from tests.serving import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAB: Final = "sandbox-lab/languages"
DOCKERFILE: Final = f"""
FROM {LAB}
LABEL org.sandbox-try.kind=test-service
RUN printf '%s\\n' '[source.crates-io]' 'replace-with = "lab"' '[source.lab]' \\
        'registry = "sparse+URL/crates/index/"' >/root/.cargo/config.toml \\
 && printf '%s\\n' ':sources:' '- URL/gems/' >/etc/gemrc \\
 && echo 'rocks_servers = {{ "URL/rocks" }}' >/root/.luarocks/config-5.1.lua \\
 && sed -i 's#^GOPROXY=.*#GOPROXY=URL/go#' /root/.config/go/env \\
 && rm -rf /srv/lab /etc/apt/sources.list /etc/apt/sources.list.d/*
"""
"""As a company's machine is set up: its own mirrors stand in the place of the public registries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """What is served, its address as sandboxes see it, and the image that is set up for it."""

    folder: Path
    url: str
    image: str


def served(client: Any, bridge: str, folder: Path, tag: str) -> Iterator[Registries]:
    """Serve the lab's registries and make the image; both are gone behind the yield."""
    container = client.containers.create(LAB, labels={"org.sandbox-try.kind": "test-service"})
    stream, _ = container.get_archive("/srv/lab")
    data = b"".join(stream)
    container.remove()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(folder, filter="data")
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(folder / "lab")))
    url = f"http://{bridge}:{server.server_address[1]}"
    config = {"dl": f"{url}/crates/{{crate}}-{{version}}.crate"}
    (folder / "lab/crates/index/config.json").write_text(json.dumps(config))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client.images.build(fileobj=io.BytesIO(DOCKERFILE.replace("URL", url).encode()), rm=True, forcerm=True, tag=tag)
    try:
        yield Registries(folder=folder / "lab", url=url, image=tag)
    finally:
        server.shutdown()
        server.server_close()
        client.images.remove(tag, force=True)

"""What the SDK's client takes from around it: what the docker CLI's configuration says, and proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from docker.utils.proxy import ProxyConfig
from requests.utils import get_environ_proxies

if TYPE_CHECKING:
    from sandbox.engine.dockercli import Config


def apply_config(api: Any, url: str, config: Config) -> Any:
    """Return the client of the engine at `url` with that configuration, and without what requests finds by itself.

    That are logins in ~/.netrc, and REQUESTS_CA_BUNDLE, which would overrule an engine's own certificates.
    """
    api.trust_env = False
    if not api.base_url.startswith("http+docker://"):
        api.proxies = get_environ_proxies(api.base_url)
    api._general_configs = {"HttpHeaders": dict(config.headers)} if config.headers else {}  # noqa: SLF001
    proxies: Any = config.proxies.get(url, config.proxies.get("default", {}))
    api._proxy_configs = ProxyConfig.from_dict(cast("Any", proxies))  # noqa: SLF001
    return api

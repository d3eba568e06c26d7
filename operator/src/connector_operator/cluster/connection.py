"""Where the API server is and who we are there: a kubeconfig, or the service account of our pod."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from kubernetes.aio import config
from kubernetes.aio.client import Configuration


class ConnectionSettingsError(Exception):
    """There is no usable description of how to reach an API server."""


@dataclass(frozen=True, slots=True)
class Access:
    """What another client needs to reach the same API server as the same user."""

    server: str
    ca_file: str | None
    verify: bool
    certificate_file: str | None
    key_file: str | None
    token: str | None = field(repr=False)
    proxy: str | None


class Connection:
    """Loads, and loads again, how to reach one API server; a token that an outside program gave may have run out."""

    def __init__(self, kubeconfig: Path | None = None, context: str | None = None) -> None:
        """Take the kubeconfig named, else the pod's service account, else the user's own kubeconfig."""
        self._kubeconfig = kubeconfig
        self._context = context
        self._in_cluster = kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ
        # no retries below us: a write is repeated by the queue, which looks at the world again first
        self.configuration = Configuration(retries=None)

    async def load(self) -> Configuration:
        """Read the settings afresh into `configuration`; raises `ConnectionSettingsError`."""
        try:
            if self._in_cluster:
                config.load_incluster_config(client_configuration=self.configuration)
            else:
                await self._load_kubeconfig()
        except (config.ConfigException, OSError, ValueError) as error:
            raise ConnectionSettingsError(
                f"cannot connect to a Kubernetes API server: {error}; "
                "name a kubeconfig with --kubeconfig or KUBECONFIG, or run in a pod with a service account"
            ) from error
        return self.configuration

    async def access(self) -> Access:
        """Load afresh and hand out what was loaded; the token has no `Bearer` in front."""
        loaded = await self.load()
        header = await loaded.get_api_key_with_prefix("BearerToken") or ""
        return Access(
            server=loaded.host,
            ca_file=loaded.ssl_ca_cert,
            verify=loaded.verify_ssl,
            certificate_file=loaded.cert_file,
            key_file=loaded.key_file,
            token=header.split(" ", 1)[-1].strip() or None,
            proxy=loaded.proxy,
        )

    async def _load_kubeconfig(self) -> None:
        await config.load_kube_config(
            config_file=str(self._kubeconfig or config.KUBE_CONFIG_DEFAULT_LOCATION),
            context=self._context,
            client_configuration=self.configuration,
            persist_config=False,
        )

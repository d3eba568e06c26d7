"""What an operator is told from outside, read once from flags and environment and passed down as a value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_RUNTIME_IMAGE = "ghcr.io/connector-operator/connector-runtime:0.1.0"


class SettingsError(ValueError):
    """A flag or an environment variable that cannot be used; the text names it, its value and what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one operator process."""

    runtime_image: str = DEFAULT_RUNTIME_IMAGE
    """For ConnectorRuntimes that name no image."""
    image_pull_policy: str = "IfNotPresent"
    copies_images: bool = False
    """Whether images of connector functions are copied by themselves instead of mounted (docs/decisions/0018)."""
    rollout_interval: int = 5
    """Seconds between two roll-outs of one worker, at the least; 0: each change rolls out at once."""
    default_policy: str = "allow"
    """What holds in a namespace that no ConnectorPolicy selects: `allow` or `deny`."""
    namespaces: tuple[str, ...] = ()
    """Where to work; empty: in the whole cluster."""
    port: int = 8080
    """Of /livez, /readyz and /metrics."""
    catalogue_port: int | None = None
    """Of the catalogue over HTTP; `None`: it is not served."""
    lease: tuple[str, str] | None = None
    """Namespace and name of the Lease that says which of several operators writes; `None`: there is only one."""
    kubeconfig: Path | None = None
    """`None`: the service account of the pod, or the user's own kubeconfig."""
    log_level: str = "INFO"

    @property
    def default_deny(self) -> bool:
        """Whether a namespace that no ConnectorPolicy selects allows nothing."""
        return self.default_policy == "deny"


def read_namespaces(text: str) -> tuple[str, ...]:
    """A comma-separated list of namespaces; empty: the whole cluster."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def read_lease(text: str) -> tuple[str, str] | None:
    """A Lease as `namespace/name`; empty: none. Raises `SettingsError`."""
    namespace, slash, name = text.partition("/")
    if text and not (namespace and slash and name):
        raise SettingsError(f"CONNECTOR_OPERATOR_LEASE: needs NAMESPACE/NAME (got '{text}')")
    return (namespace, name) if text else None


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the environment variables `CONNECTOR_OPERATOR_*`; raises `SettingsError`."""

    def read(name: str, default: str) -> str:
        return environment.get(f"CONNECTOR_OPERATOR_{name}", default)

    def read_port(name: str, default: str) -> int:
        port = read(name, default)
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            raise SettingsError(f"CONNECTOR_OPERATOR_{name}: needs a port number from 1 to 65535 (got '{port}')")
        return int(port)

    def read_seconds(name: str, default: str) -> int:
        seconds = read(name, default)
        if not seconds.isdecimal() or int(seconds) > 3600:
            raise SettingsError(f"CONNECTOR_OPERATOR_{name}: needs whole seconds from 0 to 3600 (got '{seconds}')")
        return int(seconds)

    policy = read("IMAGE_PULL_POLICY", "IfNotPresent")
    if policy not in ("Always", "IfNotPresent", "Never"):
        raise SettingsError(f"CONNECTOR_OPERATOR_IMAGE_PULL_POLICY: needs Always, IfNotPresent or Never (got '{policy}')")
    level = read("LOG_LEVEL", "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise SettingsError(f"CONNECTOR_OPERATOR_LOG_LEVEL: needs DEBUG, INFO, WARNING or ERROR (got '{level}')")
    volumes = read("IMAGE_VOLUMES", "Mount")
    if volumes not in ("Mount", "Copy"):
        raise SettingsError(f"CONNECTOR_OPERATOR_IMAGE_VOLUMES: needs Mount or Copy (got '{volumes}')")
    default_policy = read("DEFAULT_POLICY", "allow")
    if default_policy not in ("allow", "deny"):
        raise SettingsError(f"CONNECTOR_OPERATOR_DEFAULT_POLICY: needs allow or deny (got '{default_policy}')")
    return Settings(
        runtime_image=read("RUNTIME_IMAGE", DEFAULT_RUNTIME_IMAGE),
        image_pull_policy=policy,
        copies_images=volumes == "Copy",
        rollout_interval=read_seconds("ROLLOUT_INTERVAL", "5"),
        default_policy=default_policy,
        namespaces=read_namespaces(read("NAMESPACES", "")),
        port=read_port("PORT", "8080"),
        catalogue_port=read_port("CATALOGUE_PORT", "") if read("CATALOGUE_PORT", "") else None,
        lease=read_lease(read("LEASE", "")),
        kubeconfig=Path(kubeconfig) if (kubeconfig := read("KUBECONFIG", "")) else None,
        log_level=level,
    )

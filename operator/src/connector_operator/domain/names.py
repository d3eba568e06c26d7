"""The only place that names objects, volumes and paths of a worker (docs/worker-contract.md §2)."""

import hashlib
import re

MAX_CHILD = 47
"""Longest name of a child: what controllers append to a Deployment's name (ReplicaSet and pod hashes) still fits 63."""

MAX_VOLUME = 63

AUTH_PATH = "/var/run/secrets/camunda/auth"
CA_PATH = "/var/run/secrets/camunda/ca"
CLIENT_CERTIFICATE_PATH = "/var/run/secrets/camunda/client-certificate"
MAX_DATA_KEY = 253


def child(runtime: str, suffix: str, *, limit: int = MAX_CHILD) -> str:
    """Name a child of a runtime; a name that had to be cut carries a hash of the whole, so that two never meet."""
    if len(runtime) + len(suffix) <= limit:
        return runtime + suffix
    digest = hashlib.sha256(runtime.encode()).hexdigest()[:8]
    return f"{runtime[: limit - len(suffix) - 9].rstrip('-')}-{digest}{suffix}"


def worker(runtime: str) -> str:
    """Name the Deployment, its ServiceAccount and its PodDisruptionBudget."""
    return child(runtime, "-worker")


def connector_worker(runtime: str, connector: str) -> str:
    """Name the Deployment of one Connector alone, and its PodDisruptionBudget.

    Always with a hash of both names: runtime `a` with Connector `b-c` must not meet runtime `a-b` with Connector `c`.
    """
    digest = hashlib.sha256(f"{runtime}/{connector}".encode()).hexdigest()[:8]
    ending = f"-{digest}-worker"
    return f"{runtime}-{connector}"[: MAX_CHILD - len(ending)].rstrip("-") + ending


def metrics_service(runtime: str) -> str:
    """Name the metrics Service; a Service's name may not begin with a digit, and runtime `1` must not meet runtime `r-1`."""
    if runtime[0].isalpha():
        return child(runtime, "-metrics")
    return child(f"r{hashlib.sha256(runtime.encode()).hexdigest()[:8]}-{runtime}", "-metrics")


def config(runtime: str, digest: str) -> str:
    """Name the immutable ConfigMap that holds the worker configuration with this hash."""
    return child(runtime, f"-config-{digest}")


def accepted(runtime: str) -> str:
    """Name the ConfigMap in which the operator remembers what it accepted."""
    return child(runtime, "-accepted")


def source_copy(runtime: str, digest: str) -> str:
    """Name the immutable copy of a Connector's Python files with this hash."""
    return child(runtime, f"-source-{digest}")


def catalogue(runtime: str, shard: int = 0) -> str:
    """Name the ConfigMaps that publish the runtime's element templates; the first carries no number."""
    return child(runtime, f"-element-templates-{shard}" if shard else "-element-templates")


def source_volume(connector: str) -> str:
    """Name the volume with a Connector's Python files."""
    return child(f"source-{connector}", "", limit=MAX_VOLUME)


def requirements_volume(connector: str) -> str:
    """Name the volume with the list of wheels that a Connector needs."""
    return child(f"requirements-{connector}", "", limit=MAX_VOLUME)


def fetch_container(connector: str) -> str:
    """Name the init container that fetches a Connector's code."""
    return child(f"fetch-{connector}", "", limit=MAX_VOLUME)


def secrets_volume(connector: str) -> str:
    """Name the volume with a Connector's mounted secrets."""
    return child(f"secrets-{connector}", "", limit=MAX_VOLUME)


def whole_secret_volume(connector: str, index: int) -> str:
    """Name the volume with every key of one of a Connector's Secrets."""
    return child(f"secrets-from-{connector}", f"-{index}", limit=MAX_VOLUME)


def whole_secret_path(connector: str, index: int) -> str:
    """Where every key of one of a Connector's Secrets is mounted."""
    return f"/var/run/secrets/connectors-from/{connector}/{index}"


def source_path(connector: str) -> str:
    """Where a Connector's Python files are mounted."""
    return f"/opt/connectors/{connector}"


def secrets_path(connector: str) -> str:
    """Where a Connector's secrets are mounted."""
    return f"/var/run/secrets/connectors/{connector}"


def template_key(template_id: str, version: int) -> str:
    """The ConfigMap key of an element template: no two share one, since `_` itself is escaped; ids may hold `:` and more.

    A key that would be too long is cut and carries a hash of the id behind `_h`, which no escape begins with.
    """
    escaped = re.sub(r"[^A-Za-z0-9.-]", lambda match: "".join(f"_{byte:02x}" for byte in match[0].encode()), template_id)
    ending = f"-v{version}.json"
    if len(escaped) + len(ending) > MAX_DATA_KEY:
        mark = f"_h{hashlib.sha256(template_id.encode()).hexdigest()[:16]}"
        escaped = escaped[: MAX_DATA_KEY - len(ending) - len(mark)] + mark
    return escaped + ending


def digest(content: bytes) -> str:
    """The short hash that names content: the first ten hexadecimal digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:10]

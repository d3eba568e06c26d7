"""Where the main job runs: the local cluster that we bring up, or the one of KUBECONFIG."""

import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster import network
from local_cluster.build import unbuilt_programs
from local_cluster.cache import Cache, cache_root
from local_cluster.cluster import LocalCluster
from local_cluster.errors import LocalClusterError
from local_cluster.go_programs import KUBERNETES
from local_cluster.host_services import host_service
from local_cluster.images import build_images
from local_cluster.local_zeebe import LocalZeebe, ZeebeOptions
from local_cluster.prerequisites import Purpose, current_environment, require
from local_cluster.progress import say
from local_cluster.status import cluster_client
from local_cluster.teardown import down as cluster_down
from local_cluster.zeebe_distribution import is_fetched
from main_job.kubectl import Kubectl

_DOCUMENTATION_ADDRESS: Final = "192.0.2.1"  # never sent to: only the route to it is asked for


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster that is up, with our images in it and a Zeebe beside it."""

    kubectl: Kubectl
    operator_image: str
    runtime_image: str
    zeebe: str
    """host:port of the gateway, as this machine reaches it."""
    host: str
    """The address under which pods reach processes of this machine."""


def local_cluster() -> LocalCluster:
    """The one local cluster of this machine."""
    environment = current_environment()
    return LocalCluster(Cache(cache_root(environment)), environment)


def up(environment: Mapping[str, str] = os.environ) -> Target:
    """Bring everything up that is not up yet; raises LocalClusterError naming what is missing, before anything starts."""
    choice = environment.get("CLUSTER", "local")
    if choice == "current":
        return _current(environment)
    if choice != "local":
        raise LocalClusterError(f"CLUSTER: needs 'local' or 'current' (got '{choice}')")
    return _local()


def is_up(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether anything of ours runs already; somebody else's cluster always does."""
    return is_theirs(environment) or any(local_cluster().state.running())


def is_theirs(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the cluster is somebody else's."""
    return environment.get("CLUSTER", "local") == "current"


def down(environment: Mapping[str, str] = os.environ) -> None:
    """Take away what `up` brought onto this machine; somebody else's cluster is left running."""
    cluster = local_cluster()
    zeebe = LocalZeebe(cluster.state, cluster.environment)
    if cluster.state.zeebe.exists():
        zeebe.down()
    if is_theirs(environment):
        return
    cluster_down(cluster, purge=True)
    shutil.rmtree(cluster.state.root, ignore_errors=True)


def _local() -> Target:
    cluster = local_cluster()
    require(_purposes(cluster.cache), cluster.environment, cluster.cache.root)
    cluster.up(with_node=True)
    zeebe = LocalZeebe(cluster.state, cluster.environment)
    broker = zeebe.up(ZeebeOptions(ephemeral=True))
    if client := cluster_client(cluster.state):
        zeebe.publish(client)
    images = build_images(cluster.cache, cluster.environment)
    cluster.import_images(images.values())
    program = str(KUBERNETES.build(cluster.cache) / "kubectl")
    return Target(
        kubectl=Kubectl(program, cluster.state.kubeconfig),
        operator_image=images["connector-operator"].reference,
        runtime_image=images["connector-runtime"].reference,
        zeebe=broker.grpc_address.removeprefix("grpc://"),
        host=network.NODE_ADDRESS,
    )


def _purposes(cache: Cache) -> set[Purpose]:
    """All that will be needed, so that all that is missing is named at once and before anything starts."""
    purposes = {Purpose.CONTROL_PLANE, Purpose.NODE, Purpose.IMAGES, Purpose.ZEEBE}
    if unbuilt_programs(cache, with_node=True):
        purposes.add(Purpose.BUILD)
    if not is_fetched(cache):
        purposes.add(Purpose.ZEEBE_DOWNLOAD)
    return purposes


def _current(environment: Mapping[str, str]) -> Target:
    """A cluster that somebody else runs: it must know our images, and reach this machine or a Zeebe of its own."""
    missing = [name for name in ("OPERATOR_IMAGE", "RUNTIME_IMAGE") if not environment.get(name)]
    program = shutil.which("kubectl")
    if missing or program is None:
        wanted = [f"{name}: set it to an image that the cluster can pull, built from its Containerfile" for name in missing]
        wanted += [] if program else ["kubectl: install it and put it on the PATH"]
        raise LocalClusterError(
            "cannot go on, for CLUSTER=current this is missing:\n" + "\n".join(f"  {line}" for line in wanted)
        )
    kubeconfig = Path(environment.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    kubectl = Kubectl(program, kubeconfig)
    kubectl.run("version")  # a cluster that does not answer is told of here, in kubectl's words
    host = environment.get("HOST_ADDRESS") or _own_address()
    zeebe = environment.get("ZEEBE_ADDRESS") or _zeebe_here(host)
    _publish_zeebe(kubectl, zeebe)
    return Target(kubectl, environment["OPERATOR_IMAGE"], environment["RUNTIME_IMAGE"], zeebe, host)


def current_kubectl(environment: Mapping[str, str] = os.environ) -> Kubectl:
    """kubectl for the cluster of KUBECONFIG, after seeing that it answers."""
    program = shutil.which("kubectl")
    if program is None:
        raise LocalClusterError("cannot find kubectl: install it and put it on the PATH")
    kubectl = Kubectl(program, Path(environment.get("KUBECONFIG") or Path.home() / ".kube" / "config"))
    kubectl.run("version")
    return kubectl


def _zeebe_here(host: str) -> str:
    cluster = local_cluster()
    require({Purpose.ZEEBE_DOWNLOAD, Purpose.ZEEBE}, cluster.environment, cluster.cache.root)
    say(f"starting Zeebe on {host}, where pods must reach it; name another with ZEEBE_ADDRESS or HOST_ADDRESS")
    return (
        LocalZeebe(cluster.state, cluster.environment)
        .up(ZeebeOptions(host=host, ephemeral=True))
        .grpc_address.removeprefix("grpc://")
    )


def _publish_zeebe(kubectl: Kubectl, zeebe: str) -> None:
    """Make the gateway a Service under the name that the samples use."""
    address, port = zeebe.rsplit(":", 1)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "camunda"}}
    services = host_service("camunda", "zeebe-gateway", {"gateway": ("TCP", int(port))}, host=address)
    kubectl.apply_objects([namespace, *[manifest for _, manifest in services]])


def _own_address() -> str:
    """The address of this machine on its default route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((_DOCUMENTATION_ADDRESS, 9))
        return probe.getsockname()[0]

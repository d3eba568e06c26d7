"""Commands about the machine, the cluster and the images."""

import argparse
import json
from pathlib import Path

from local_cluster import teardown
from local_cluster.build import build_programs
from local_cluster.cluster import LocalCluster
from local_cluster.commands import Commands
from local_cluster.debian_base import build_base
from local_cluster.errors import LocalClusterError
from local_cluster.images import build_images, pack_folder
from local_cluster.machine import inspect_machine
from local_cluster.prerequisites import Purpose, describe, judge, require
from local_cluster.progress import say
from local_cluster.sandbox_image import StoredImage, build_sandbox_image
from local_cluster.status import describe_state
from local_cluster.zeebe_distribution import zeebe_distribution


def register(commands: Commands) -> None:
    """Add the commands to a command line."""
    commands.add_parser("check", help="say what is missing, before anything starts").set_defaults(command=_check)
    build = commands.add_parser("build", help="build everything once")
    build.add_argument("--without-zeebe", action="store_true", help="only what Kubernetes and the images need")
    build.set_defaults(command=_build)
    up = commands.add_parser("up", help="bring the cluster up")
    up.add_argument("--control-plane", action="store_true", help="only etcd, API server and controllers; needs no root")
    up.set_defaults(command=_up)
    down = commands.add_parser("down", help="end the cluster and leave nothing of it on the machine")
    down.add_argument("--purge", action="store_true", help="forget its objects and images too")
    down.set_defaults(command=_down)
    commands.add_parser("status", help="say what runs").set_defaults(command=_status)
    commands.add_parser("kubeconfig", help="print the path of the kubeconfig").set_defaults(command=_kubeconfig)
    images = commands.add_parser("images", help="build the images, import them into the node, print their names as JSON")
    images.set_defaults(command=_images)
    pack = commands.add_parser("pack", help="make an image of a folder's content and import it into the node")
    pack.add_argument("folder", type=Path)
    pack.add_argument("reference", help="such as localhost/crm:1")
    pack.set_defaults(command=_pack)


def _check(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    machine = inspect_machine(cluster.environment, cluster.cache.root)
    findings = judge(machine, list(Purpose))
    print(describe(findings, may_install=machine.may_install_packages))
    installable = machine.may_install_packages
    return int(any(finding.problem and not (installable and finding.requirement.package) for finding in findings))


def _build(options: argparse.Namespace, cluster: LocalCluster) -> int:
    cache, environment = cluster.cache, cluster.environment
    zeebe = [] if options.without_zeebe else [Purpose.ZEEBE_DOWNLOAD, Purpose.ZEEBE]
    require({Purpose.BUILD, Purpose.IMAGES, *zeebe}, environment, cache.root)
    if zeebe:
        zeebe_distribution(cache, environment)
    build_programs(cache, environment, with_node=True)
    build_sandbox_image(cache)
    build_base(cache, environment)
    say(f"all is built, in {cache.root}")
    return 0


def _up(options: argparse.Namespace, cluster: LocalCluster) -> int:
    cluster.up(with_node=not options.control_plane)
    print(f"export KUBECONFIG={cluster.state.kubeconfig}")
    return 0


def _down(options: argparse.Namespace, cluster: LocalCluster) -> int:
    teardown.down(cluster, purge=options.purge)
    return 0


def _status(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    print(describe_state(cluster.state, cluster.environment))
    return 0


def _kubeconfig(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    if not cluster.state.kubeconfig.exists():
        raise LocalClusterError("cannot name a kubeconfig: the cluster was never up; run `up` first")
    print(cluster.state.kubeconfig)
    return 0


def _images(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    built = build_images(cluster.cache, cluster.environment)
    imported = cluster.import_images(built.values())
    members = {
        name: {"reference": image.reference, "archive": str(image.archive), "imported": imported} for name, image in built.items()
    }
    print(json.dumps(members, indent=2))
    return 0


def _pack(options: argparse.Namespace, cluster: LocalCluster) -> int:
    folder = cluster.cache.root / "images"
    folder.mkdir(parents=True, exist_ok=True)
    name = options.reference.replace("/", "_").replace(":", "_")
    packed: StoredImage = pack_folder(options.folder, options.reference, folder / f"packed-{name}.tar")
    print(json.dumps({"reference": packed.reference, "imported": cluster.import_images([packed])}))
    return 0

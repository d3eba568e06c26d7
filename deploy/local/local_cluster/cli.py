"""The command line: `python -m local_cluster COMMAND`, from deploy/local."""

import argparse
import signal
from collections.abc import Sequence

from local_cluster import teardown
from local_cluster.build import build_programs
from local_cluster.cache import Cache, cache_root
from local_cluster.cluster import LocalCluster
from local_cluster.errors import LocalClusterError
from local_cluster.machine import inspect_machine
from local_cluster.prerequisites import Purpose, current_environment, describe, judge
from local_cluster.progress import say


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is 0 when it did what was asked, 1 when it cannot, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    environment = current_environment()
    try:
        return options.command(options, LocalCluster(Cache(cache_root(environment)), environment))
    except LocalClusterError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run the command again to go on, or `down` to undo")
        return 130


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _check(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    machine = inspect_machine(cluster.environment, cluster.cache.root)
    findings = judge(machine, list(Purpose))
    print(describe(findings, may_install=machine.may_install_packages))
    installable = machine.may_install_packages
    return int(any(finding.problem and not (installable and finding.requirement.package) for finding in findings))


def _build(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    build_programs(cluster.cache, cluster.environment, with_node=True)
    return 0


def _up(options: argparse.Namespace, cluster: LocalCluster) -> int:
    cluster.up(with_node=not options.control_plane)
    print(f"export KUBECONFIG={cluster.state.kubeconfig}")
    return 0


def _down(options: argparse.Namespace, cluster: LocalCluster) -> int:
    teardown.down(cluster, purge=options.purge)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local_cluster", description="A Kubernetes for demo and tests on this machine."
    )
    commands = parser.add_subparsers(required=True)
    commands.add_parser("check", help="say what is missing, before anything starts").set_defaults(command=_check)
    commands.add_parser("build", help="build everything once").set_defaults(command=_build)
    up = commands.add_parser("up", help="bring the cluster up")
    up.add_argument("--control-plane", action="store_true", help="only etcd, API server and controllers; needs no root")
    up.set_defaults(command=_up)
    down = commands.add_parser("down", help="end the cluster and leave nothing of it on the machine")
    down.add_argument("--purge", action="store_true", help="forget its objects and images too")
    down.set_defaults(command=_down)
    return parser

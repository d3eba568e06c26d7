"""Commands about Zeebe; each prints its addresses and state as JSON."""

import argparse
import json

from local_cluster.cluster import LocalCluster
from local_cluster.commands import Commands
from local_cluster.local_zeebe import LocalZeebe, ZeebeOptions
from local_cluster.status import cluster_client, zeebe_report
from local_cluster.zeebe import ZeebePorts


def register(commands: Commands) -> None:
    """Add the commands to a command line."""
    zeebe = commands.add_parser("zeebe", help="the process engine beside the cluster")
    actions = zeebe.add_subparsers(required=True, metavar="ACTION")
    up = actions.add_parser("up", help="start it, and make it a Service of the cluster when that is up")
    defaults = ZeebeOptions()
    up.add_argument("--host", default=defaults.host, help="the address to listen on (%(default)s, which pods reach)")
    up.add_argument("--ephemeral", action="store_true", help="start empty, keep the data in memory")
    up.add_argument("--heap-megabytes", type=int, default=defaults.heap_megabytes)
    for port in ("gateway", "command", "internal", "rest", "management"):
        up.add_argument(f"--{port}-port", type=int, default=getattr(defaults.ports, port), help="(%(default)s)")
    up.set_defaults(command=_up)
    actions.add_parser("down", help="end it").set_defaults(command=_down)
    actions.add_parser("status", help="say where it is and how it is").set_defaults(command=_status)


def _up(options: argparse.Namespace, cluster: LocalCluster) -> int:
    ports = ZeebePorts(
        options.gateway_port, options.command_port, options.internal_port, options.rest_port, options.management_port
    )
    zeebe = LocalZeebe(cluster.state, cluster.environment)
    with cluster.cache.lock("local-zeebe"):
        zeebe.up(ZeebeOptions(options.host, options.ephemeral, ports, options.heap_megabytes))
    client = cluster_client(cluster.state)
    if client and client.ready():
        zeebe.publish(client)
    return _status(options, cluster)


def _down(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    with cluster.cache.lock("local-zeebe"):
        LocalZeebe(cluster.state, cluster.environment).down()
    return 0


def _status(_options: argparse.Namespace, cluster: LocalCluster) -> int:
    print(json.dumps(zeebe_report(cluster.state, cluster.environment), indent=2))
    return 0

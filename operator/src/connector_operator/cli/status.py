"""`connectors status`: how the runtimes of a cluster stand, with their Connectors and pods, and why."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.cli.arguments import add_output_argument, print_json
from connector_operator.cli.standing import Standing, as_table, is_ready, standings
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.port import ApiError, KubeApi
from connector_operator.domain.objects import POD


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("status", help="print how the runtimes, Connectors and worker pods of a cluster stand")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--namespace", "-n", default="default", help="default: default")
    where.add_argument("--all-namespaces", "-A", dest="namespace", action="store_const", const="", help="of the whole cluster")
    add_output_argument(parser)
    parser.add_argument("--kubeconfig", type=Path, help="default: KUBECONFIG")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print a table or JSON; 0: everything is ready, 1: something is not, 2: the cluster cannot be asked."""
    try:
        found = asyncio.run(_ask(options.kubeconfig, options.namespace))
    except (ApiError, ConnectionSettingsError) as error:
        print(f"connectors: {error}", file=sys.stderr)
        return 2
    if options.output == "json":
        print_json([asdict(item) for item in found])
    else:
        print("\n".join(as_table(found)))
    return 0 if is_ready(found) else 1


async def _ask(kubeconfig: Path | None, namespace: str) -> Sequence[Standing]:
    async with ClusterApi(Connection(kubeconfig), lambda _call: None) as api:
        return await look(api, namespace)


async def look(api: KubeApi, namespace: str) -> Sequence[Standing]:
    """Read everything of a namespace, or of all (`""`), and put it together."""
    runtimes, connectors, pods = await asyncio.gather(
        api.list_objects(CONNECTOR_RUNTIME, namespace=namespace, labelled=False),
        api.list_objects(CONNECTOR, namespace=namespace, labelled=False),
        api.list_objects(POD, namespace=namespace, labelled=True),
    )
    return standings(runtimes, connectors, pods)

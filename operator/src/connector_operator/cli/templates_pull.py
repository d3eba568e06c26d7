"""`connectors templates pull`: what runs in the cluster, as files for Desktop Modeler."""

import argparse
import asyncio
import sys
from pathlib import Path

from connector_operator.cli.offered_templates import add_arguments, read_offered, without_clashes
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cli.template_folder import Changes, synchronise
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.port import ApiError, KubeApi
from connector_operator.cluster.transport import ApiCall

DEFAULT_FOLDER = Path(".camunda/element-templates")
"""Where Desktop Modeler looks, beside a diagram and in every folder above it."""
WATCH_SECONDS = 5.0


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("pull", help="write the cluster's element templates into a folder for Desktop Modeler")
    add_arguments(parser)
    parser.add_argument("--dir", type=Path, default=DEFAULT_FOLDER, help=f"default: {DEFAULT_FOLDER}")
    parser.add_argument("--watch", action="store_true", help="go on until Ctrl-C")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Pull once, or again and again; 1 when the cluster or the folder cannot be used."""
    try:
        return asyncio.run(_run(options))
    except (ApiError, ConnectionSettingsError, OSError) as error:
        print(f"connectors: {error}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    async with ClusterApi(Connection(options.kubeconfig), _uncounted) as api:
        _tell(options.dir, await pull(api, options), quiet=False)
        while options.watch:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                _tell(options.dir, await pull(api, options), quiet=True)
            except ApiError as error:
                print(f"connectors: {error}; trying again in {WATCH_SECONDS:.0f} s", file=sys.stderr)
    return 0


async def pull(api: KubeApi, options: argparse.Namespace) -> Changes:
    """Make the folder's part that is ours equal to what is offered; raises `ApiError` and `OSError`.

    Everything is read before anything is written: a cluster that cannot be asked empties no folder.
    """
    chosen, clashes = without_clashes(await read_offered(api, options.namespace, options.runtime))
    for clash in clashes:
        print(f"connectors: {clash}", file=sys.stderr)
    return synchronise(options.dir, {key: template.text for key, template in chosen.items()})


def _tell(folder: Path, changes: Changes, *, quiet: bool) -> None:
    for name in changes.written:
        print(f"wrote   {folder / name}")
    for name in changes.removed:
        print(f"removed {folder / name}")
    if quiet:
        return
    for name in changes.kept:
        print(f"connectors: '{folder / name}' is not as it was pulled: kept; delete it to get the cluster's", file=sys.stderr)
    if not changes.written and not changes.removed:
        print("nothing to do")


def _uncounted(_call: ApiCall) -> None:
    """An operator counts its calls; a command has nobody to tell."""

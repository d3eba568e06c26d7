"""`connectors templates pull`: what runs in the cluster, as files for Desktop Modeler."""

import argparse
import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

from connector_operator.cli.offered_templates import OfferedTemplates, add_arguments, cluster, told, without_clashes
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cli.template_folder import Changes, synchronise
from connector_operator.cluster.connection import ConnectionSettingsError
from connector_operator.cluster.port import ApiError

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
    """Pull once, or again and again until Ctrl-C; 1 when the cluster or the folder cannot be used."""
    try:
        return asyncio.run(_run(options))
    except KeyboardInterrupt:
        return 0 if options.watch else 130  # of --watch, that is the way to end it
    except (ApiError, ConnectionSettingsError, OSError) as error:
        print(f"connectors: {told(error, options)}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    async with cluster(options) as api:
        pulling = Pulling(OfferedTemplates(api, options.namespace, options.runtime), options.dir)
        changes = await pulling.once()
        if not changes.written and not changes.removed:
            print("nothing to do")
        while options.watch:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await pulling.once()
            except ApiError as error:
                pulling.complain(f"{error}; trying again every {WATCH_SECONDS:.0f} s")
    return 0


@dataclass(slots=True)
class Pulling:
    """A folder that is kept equal to what is offered; says what it does, and what it complains of only once."""

    templates: OfferedTemplates
    folder: Path
    _said: set[str] = field(default_factory=set[str])

    async def once(self) -> Changes:
        """Make the folder's part that is ours equal to what is offered; raises `ApiError` and `OSError`.

        Everything is read before anything is written: a cluster that cannot be asked empties no folder.
        """
        chosen, clashes = without_clashes(await self.templates.read())
        changes = synchronise(self.folder, {key: template.text for key, template in chosen.items()})
        for name in changes.written:
            print(f"wrote   {self.folder / name}", flush=True)
        for name in changes.removed:
            print(f"removed {self.folder / name}", flush=True)
        kept = (f"'{self.folder / name}' is not as it was pulled: kept; delete it to get the cluster's" for name in changes.kept)
        self.complain(*clashes, *kept)
        return changes

    def complain(self, *complaints: str) -> None:
        """Say these, without those that were said the last time; what is over and comes back is said again."""
        for complaint in complaints:
            if complaint not in self._said:
                print(f"connectors: {complaint}", file=sys.stderr, flush=True)
        self._said = set(complaints)

"""`connectors templates push`: what runs in the cluster, as the catalogue of Camunda Hub."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from connector_operator.cli import hub_settings
from connector_operator.cli.asset_folders import read_assets, template_id
from connector_operator.cli.files import FileError
from connector_operator.cli.hub import ClientCredentials, Hub, HubError
from connector_operator.cli.offered_templates import OfferedTemplates, add_arguments, cluster, told, without_clashes
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cluster.connection import ConnectionSettingsError
from connector_operator.cluster.port import ApiError, KubeApi
from connector_operator.domain.hub_assets import Asset, Filing, assets, beyond_limits


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("push", help="make the catalogue of Camunda Hub equal to the cluster's element templates")
    parser.description = _WHOLE
    add_arguments(parser)
    hub_settings.add_arguments(parser)
    parser.add_argument("--with", type=Path, action="append", default=[], metavar="DIR", dest="beside", help=_BESIDE)
    parser.add_argument("--category", default="", help="of all that comes from the cluster; default: each template's own")
    parser.add_argument("--tag", action="append", default=[], dest="tags", help="of all that comes from the cluster; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="say what would be handed over")
    parser.add_argument("--allow-empty", action="store_true", help="hand over nothing, and so unpublish everything")
    parser.set_defaults(execute=execute)


_WHOLE = (
    "Hub takes the whole catalogue at once: what is not handed over is unpublished there, whoever brought it. "
    "This needs Camunda Hub 8.10 or newer."
)
_BESIDE = "further assets that Hub's catalogue shall hold: folders with a README.md and a template; repeatable"


def execute(options: argparse.Namespace) -> int:
    """Hand over; 1 when the cluster or Hub cannot be used, 2 when something is missing here."""
    beside = read_assets(options.beside)
    credentials = None if options.dry_run else hub_settings.credentials(options, os.environ)
    try:
        return asyncio.run(_run(options, beside, credentials))
    except (ApiError, ConnectionSettingsError, HubError) as error:
        print(f"connectors: {told(error, options)}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace, beside: Sequence[Asset], credentials: str | ClientCredentials | None) -> int:
    async with cluster(options) as api:
        wanted = await gather(api, options, beside)
    if not wanted and not options.allow_empty:
        raise FileError("cannot hand over an empty catalogue: Hub would unpublish everything; say --allow-empty if that is meant")
    if too_much := beyond_limits(wanted):
        print(f"connectors: {too_much}", file=sys.stderr)
    if credentials is None:
        print("\n".join(f"would hand over {asset.folder}/{asset.template_name}" for asset in wanted))
        return 0
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=True) as session:
        await Hub(session, options.hub, credentials).ingest(wanted)
    print(f"handed over {len(wanted)} element template{'' if len(wanted) == 1 else 's'}")
    return 0


async def gather(api: KubeApi, options: argparse.Namespace, beside: Sequence[Asset]) -> tuple[Asset, ...]:
    """Everything that Hub's catalogue shall hold; raises `ApiError`, and `FileError` for what has one id twice."""
    chosen, clashes = without_clashes(await OfferedTemplates(api, options.namespace, options.runtime).read())
    for clash in clashes:
        print(f"connectors: {clash}", file=sys.stderr)
    wanted = (*assets(chosen.values(), Filing(options.category, tuple(options.tags))), *beside)
    first: dict[str, Asset] = {}
    for asset in wanted:
        known = first.setdefault(template_id(asset), asset)
        if known is not asset:
            raise FileError(f"cannot hand over '{template_id(asset)}' twice: '{known.folder}' and '{asset.folder}' hold it")
    return wanted

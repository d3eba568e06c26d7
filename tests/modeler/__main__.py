"""The proof that element templates keep their promises, in the real Modeler and the real Zeebe.

    python tests/modeler [--only ID]… [--picture FILE]

Everything that is published is loaded into Modeler; every template is applied to an element, filled in through the properties
panel as a person would, exported, deployed to Zeebe, compared with what its job carries, and executed by the runtime where its
world can be had on this machine. Ends with a table; exit code 0: nothing was refused and everything was as promised.
OFFICIAL_TEMPLATES=DIR: the element templates in that folder are loaded beside ours, and must not clash with them.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

import chromium  # noqa: E402 - the paths above come first
from broker import connected  # noqa: E402 - the paths above come first
from browser_runs import planned, runs  # noqa: E402 - the paths above come first
from carrying_out import carry_out  # noqa: E402 - the paths above come first
from chromium import ChromiumError  # noqa: E402
from job_worker import worker_config, worker_in_process  # noqa: E402
from modeler_diagram import NoPlaceError  # noqa: E402
from modeler_parts import BrowserError, MissingPartError, drive, modules  # noqa: E402
from modeler_samples import NoSampleError  # noqa: E402
from proof import Proof  # noqa: E402
from published import (  # noqa: E402
    Key,
    Template,
    catalogue_templates,
    key_of,
    reported_templates,
    templates_in,
    together,
)
from scenes import Played, camunda_rest, cast_of, mounted_secrets, recording_server, wanted_builtins  # noqa: E402
from table import table, wrong  # noqa: E402
from worlds import worlds  # noqa: E402

from connector_runtime.loading import LoadError  # noqa: E402
from local_cluster.errors import LocalClusterError  # noqa: E402
from local_cluster.progress import say  # noqa: E402
from local_cluster.zeebe import Zeebe, ZeebeConfig  # noqa: E402

FILES = ROOT / "runtime-image" / "element-templates"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller asks for."""

    files: Path
    only: frozenset[str]
    with_catalogue: bool
    picture: Path | None
    official: Path | None


def main() -> int:
    """Run the proof; returns 0, 1 when something is wrong, 2 when it cannot be run."""
    logging.getLogger("connector_runtime").setLevel(logging.ERROR)  # the proof tells what became of each job
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, as Ctrl-C does
    try:
        findings = asyncio.run(_prove(_wanted()))
    except (MissingPartError, BrowserError, ChromiumError, NoSampleError, NoPlaceError, LoadError, LocalClusterError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for finding in findings:
        print(f"WRONG {finding}")
    return 1 if findings else 0


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="fill in only this template; may be repeated")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="where to put a picture of the filled-in panel")
    parser.add_argument("--files", type=Path, default=FILES, metavar="FOLDER", help="the templates as files; default: ours")
    parser.add_argument("--files-only", action="store_true", help="leave out what an operator's catalogue serves")
    options = parser.parse_args()
    official = os.environ.get("OFFICIAL_TEMPLATES")
    picture = options.picture.absolute() if options.picture else None
    return Wanted(options.files, frozenset(options.only), not options.files_only, picture, Path(official) if official else None)


async def _prove(wanted: Wanted) -> list[str]:
    parts = {"modules": str(modules()), "browser": chromium.program()}
    with tempfile.TemporaryDirectory(prefix="modeler-proof-") as scratch, Zeebe(ZeebeConfig.throwaway()) as zeebe:
        folder = Path(scratch)
        async with (
            recording_server() as server,
            camunda_rest() as camunda,
            worlds(wanted_builtins(wanted.only), server, folder) as scenes,
        ):
            cast = cast_of(server, folder, scenes)
            templates, findings = await _published(wanted, cast, zeebe, folder)
            proofs = list(planned(templates, cast, wanted.only, camunda.variables))
            official = templates_in(wanted.official) if wanted.official else []
            command = parts | {
                "folder": scratch,
                "templates": templates,
                "beside": official,
                "runs": runs(proofs, wanted.picture),
            }
            say(f"{len(proofs)} elements to fill in, of {len(templates)} templates")
            answer = await drive(parts | command, folder)
            for proof, seen in zip(proofs, answer["runs"], strict=True):
                proof.of_panel(seen)
            secrets = mounted_secrets(templates, scenes.values(), folder)
            config = worker_config(zeebe.grpc_address, *(one.entry(secrets) for one in cast))
            config["camunda"]["restAddress"] = camunda.address
            async with connected(zeebe.grpc_address) as broker:
                await carry_out(proofs, broker, cast, config)
            _told(proofs, answer, sum(map(len, server.requests.values())), official)
        return [*findings, *_loading(answer, templates, official), *wrong(proofs)]


async def _published(wanted: Wanted, cast: Sequence[Played], zeebe: Zeebe, folder: Path) -> tuple[list[Template], list[str]]:
    files = templates_in(wanted.files)
    if not wanted.with_catalogue:
        return files, []
    (nothing := folder / "no-secrets").mkdir()
    config = worker_config(zeebe.grpc_address, *(one.entry(nothing) for one in cast))
    async with worker_in_process(config) as pod:
        await pod.until_ready()
        reported = await reported_templates(pod, [one.name for one in cast])
    templates, findings = together(files, await catalogue_templates(cast, reported))
    silent = [f"Connector '{name}' offers no element template" for name, made in reported.items() if not made]
    return templates, findings + silent


def _loading(answer: dict[str, Any], templates: Sequence[Template], official: Sequence[Template]) -> list[str]:
    """What Modeler refused or did not take, and where ours and the official ones are in each other's way."""
    findings = [f"Modeler refuses: {error}" for error in answer["errors"]]
    findings += [f"Modeler broke: {error}" for error in answer["broken"]]
    findings += [f"'{one['id']}' was not loaded" for one in templates if key_of(one) not in _keys(answer["loaded"])]
    findings += [f"beside the official templates Modeler refuses: {error}" for error in answer["errorsBeside"]]
    clashes = {key_of(one) for one in templates} & {key_of(one) for one in official}
    return findings + [f"'{name}' version {version} is also an official template's" for name, version in sorted(clashes)]


def _keys(loaded: Iterable[Sequence[Any]]) -> frozenset[Key]:
    return frozenset((name, version) for name, version in loaded)


def _told(proofs: Sequence[Proof], answer: dict[str, Any], requests: int, official: Sequence[Template]) -> None:
    print(f"Modeler loaded {len(answer['loaded'])} element templates with {len(answer['errors'])} errors; ", end="")
    print(f"the servers of this machine got {requests} requests from the runtime\n")
    print(table(proofs, _keys(answer["loaded"])), end="\n\n")
    if official:
        print(f"with {len(official)} official element templates beside ours it loaded {len(answer['loadedBeside'])}, ", end="")
        print(f"with {len(answer['errorsBeside'])} errors\n")


if __name__ == "__main__":
    sys.exit(main())

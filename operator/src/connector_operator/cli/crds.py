"""`connectors crds`: the CustomResourceDefinitions, generated from the models."""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from connector_operator.api.crd import crds
from connector_operator.cli.subcommand import Subcommands

HEADER = "# Generated from operator/src/connector_operator/api by `make crds`; do not edit.\n"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("crds", help="print the CustomResourceDefinitions, or write them to a folder")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write one file per kind instead of printing")
    parser.add_argument("--check", action="store_true", help="with --to: write nothing; exit 1 when a file is out of date")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print, write or compare."""
    texts = {f"{crd['metadata']['name']}.yaml": _text(crd) for crd in crds()}
    if options.to is None:
        print("---\n".join(texts.values()), end="")
        return 0
    stale = [name for name, text in texts.items() if not _is_current(options.to / name, text)]
    if options.check:
        for name in stale:
            print(f"{options.to / name} differs from the models: run `make crds`", file=sys.stderr)
        return 1 if stale else 0
    options.to.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (options.to / name).write_text(texts[name], encoding="utf-8")
    return 0


def _text(crd: dict[str, Any]) -> str:
    return HEADER + yaml.safe_dump(crd, sort_keys=False, width=120, allow_unicode=True)


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text

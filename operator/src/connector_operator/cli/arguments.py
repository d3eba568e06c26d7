"""Arguments that several commands share, so that they are spelt the same everywhere."""

import argparse
import json
from pathlib import Path
from typing import Any

from connector_operator.cli.files import Files, load


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that works on files; `load_files` reads them."""
    parser.add_argument("files", nargs="*", action="extend", type=Path, metavar="FILE", help="YAML files or folders")
    parser.add_argument(
        "--filename", "-f", dest="files", action="append", type=Path, metavar="FILE", help="the same; may be repeated"
    )
    parser.add_argument("--namespace", "-n", default="default", help="for objects that name none (default: default)")
    parser.set_defaults(wrong_usage=parser.error)


def load_files(options: argparse.Namespace) -> Files:
    """Read the files that were named; ends with wrong usage when none was, raises `FileError`."""
    if not options.files:
        options.wrong_usage("needs at least one FILE")
    return load(options.files, options.namespace)


def add_output_argument(parser: argparse.ArgumentParser, *, default: str = "text") -> None:
    """`--output json` for programs, and what people read by default."""
    parser.add_argument("--output", "-o", choices=[default, "json"], default=default, help=f"default: {default}")


def print_json(value: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False))

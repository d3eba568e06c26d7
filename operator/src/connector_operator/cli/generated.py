"""Files that are generated and committed: print them, write them, or say which are out of date."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that generates files."""
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write the files into a folder instead of printing them")
    parser.add_argument("--check", action="store_true", help="with --to: write nothing; exit 1 when a file is out of date")


def deliver(texts: Mapping[str, str], options: argparse.Namespace, *, separator: str = "") -> int:
    """Print, write or compare texts by file name; 1 when a compared file differs."""
    if options.to is None:
        print(separator.join(texts.values()), end="")
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


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text

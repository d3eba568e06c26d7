"""The pages of the connectors: `python -m connectors --to docs/connectors [--check]`.

With `--check` the pages are compared instead of written, and the command ends with 1 when one is not up to date.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from connectors._reference import PageError, pages


def main(arguments: Sequence[str]) -> int:
    """Write or compare the pages."""
    parser = argparse.ArgumentParser(prog="python -m connectors", description="Write the pages of the built-in connectors.")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="such as docs/connectors; holds the parts too")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is out of date")
    options = parser.parse_args(arguments)
    try:
        made = pages(options.to)
    except PageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    stale = [options.to / name for name, text in made.items() if not _is_current(options.to / name, text)]
    for path in stale:
        if options.check:
            sys.stderr.write(f"'{path}' is not what the models say; run `python -m connectors --to {options.to}`\n")
        else:
            path.write_text(made[path.name], encoding="utf-8")
    return 1 if stale and options.check else 0


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

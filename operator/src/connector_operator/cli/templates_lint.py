"""`connectors templates lint`: what is wrong with element templates in files, before Modeler or a cluster sees them."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from connector_operator.cli.files import FileError
from connector_operator.cli.subcommand import Subcommands
from connector_operator.element_templates.check import FileFinding, check_files
from connector_operator.element_templates.documents import Document, read_document
from connector_operator.element_templates.findings import Rule
from connector_operator.element_templates.report import as_json, as_sarif, as_text

_FORMATS = {"text": as_text, "json": as_json, "sarif": as_sarif}


def register(commands: Subcommands) -> None:
    """Add the command to the group's parser."""
    parser = commands.add_parser("lint", help="say what is wrong with element templates; exits 1 when something is")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="JSON files, or folders of them")
    parser.add_argument("--output", choices=_FORMATS, default="text", help="default: %(default)s")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--rules", action="store_true", help="print the rules and what each asks for")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print the findings; 0 is nothing to correct, 1 is."""
    if options.rules:
        print("\n".join(f"{rule.word:<26}{rule.level:<9}{rule.sentence}" for rule in Rule))
        return 0
    paths = list(_paths(options.files))
    if not paths:
        raise FileError("cannot lint nothing: name JSON files, or folders that hold some")
    findings = list(check_files({str(path): _read(path) for path in paths}))
    if findings or options.output != "text":
        print(_FORMATS[options.output](findings))
    else:
        print(f"{len(paths)} files, nothing to complain about")
    return 1 if _must_change(findings, strict=options.strict) else 0


def _must_change(findings: Sequence[FileFinding], *, strict: bool) -> bool:
    return any(strict or item.is_error for item in findings)


def _paths(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*.json") if found.is_file())
        elif path.is_file():
            yield path
        else:
            raise FileError(f"cannot read '{path}': there is no such file or folder")


def _read(path: Path) -> Document:
    try:
        return read_document(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise FileError(f"cannot read '{path}': {error.strerror}") from error
    except UnicodeError as error:
        raise FileError(f"cannot read '{path}': it is not UTF-8 ({error})") from error

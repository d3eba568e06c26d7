"""`connectors new NAME`: a connector to start from, with its test, its element template and its manifests."""

import argparse
import json
import keyword
import re
import sys
import textwrap
from importlib.resources import files
from pathlib import Path

from connector_operator.cli.files import FileError
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.objects import PART_LABEL, SOURCE_PART

NAME = re.compile(r"[a-z]([-a-z0-9]{0,48}[a-z0-9])?")
JOB_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")
SCAFFOLD = files("connector_operator.cli") / "scaffold"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("new", help="write a connector to start from: function, test, element template, manifests")
    parser.add_argument("name", metavar="NAME", help="of the Connector, such as price-quote; its folder is made here")
    parser.add_argument("--job-type", metavar="TYPE", help="default: example:NAME:1")
    parser.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where its folder is made; default: here")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Write the files and print them; raises FileError for a name that cannot be used and for a folder that is there."""
    _check(options.name, options.job_type)
    folder: Path = options.into / options.name
    made = contents(options.name, options.job_type or f"example:{options.name}:1")
    try:
        folder.mkdir(parents=True)
        for file, text in made.items():
            (folder / file).write_text(text, encoding="utf-8")
    except FileExistsError:
        msg = f"cannot make '{folder}': it is there already, and nothing in it is overwritten; choose another name or --into"
        raise FileError(msg) from None
    except OSError as error:
        msg = f"cannot write '{error.filename}': {error.strerror}"
        raise FileError(msg) from error
    for file in made:
        print(folder / file)
    return 0


def contents(name: str, job_type: str) -> dict[str, str]:
    """The text of each file by its name."""
    module = _module(name)
    words = {"example:hello-world:1": job_type, "hello-world": name, "hello_world": module, "Hello world": _title(name)}
    texts = {f"{file}.txt": (SCAFFOLD / f"{file}.txt").read_text(encoding="utf-8") for file in ("module", "test", "connector")}
    filled = {file: _replaced(text, words) for file, text in texts.items()}
    template = _replaced((SCAFFOLD / "template.json").read_text(encoding="utf-8"), words)
    return {
        f"{module}.py": filled["module.txt"],
        f"test_{module}.py": filled["test.txt"],
        "variables.json": json.dumps({"name": "Ada", "times": 2}) + "\n",
        f"{module}.json": template,
        "source.yaml": _source(name, filled["module.txt"]),
        "connector.yaml": filled["connector.txt"],
    }


def _source(name: str, module: str) -> str:
    """The ConfigMap that carries the module, as somebody would have written it."""
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels: {{{PART_LABEL}: {SOURCE_PART}}}\n"
    return f"{head}data:\n  {_module(name)}.py: |\n{textwrap.indent(module, '    ')}"


def _check(name: str, job_type: str | None) -> None:
    if not NAME.fullmatch(name):
        msg = f"cannot name a connector '{name}': use up to 50 of a-z, 0-9 and -, a letter first"
        raise FileError(msg)
    if keyword.iskeyword(_module(name)) or _module(name) in sys.stdlib_module_names:
        msg = f"cannot name a connector '{name}': Python has its own '{_module(name)}'; add a word to the name"
        raise FileError(msg)
    if job_type is not None and not JOB_TYPE.fullmatch(job_type):
        msg = f"cannot use job type '{job_type}': use up to 200 letters, digits and . _ : / -, such as acme.io:{name}:1"
        raise FileError(msg)


def _module(name: str) -> str:
    return name.replace("-", "_")


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _replaced(text: str, words: dict[str, str]) -> str:
    """All words at once, so that a word's replacement is not replaced again."""
    return re.sub("|".join(map(re.escape, words)), lambda match: words[match[0]], text)

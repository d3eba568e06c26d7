"""Compares what Camunda's own element templates write into a task with what our connectors take.

    PYTHONPATH=tests/support python tests/differential/official FOLDER

FOLDER holds the templates, from where you have them: they are not ours to pass on, and nothing of them is kept. Each template of
a job type that has a connector here is looked through by this program for the names that it writes, and its form is filled in
with every combination of choices; printed is what our input models do not know or refuse, apart from what `left.py` lists with
its reason. Exits 1 when there is something.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

from filled_forms import unbound  # noqa: E402 - the path above comes first
from input_paths import InputPaths  # noqa: E402
from left import is_left  # noqa: E402

from connector_runtime.binding import InputBinding  # noqa: E402
from connector_runtime.config import Source  # noqa: E402
from connector_runtime.loading import SINGLE, builtin_names, load_functions  # noqa: E402

REST = "HttpJson"
"""In the id of the REST connector's own template; others ride on its job type, with names that only they themselves read."""
Template = dict[str, Any]


def main() -> int:
    """Compare all templates, print a line for each name and value that is not known here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    connectors = known()
    seen, left, new = 0, 0, 0
    for job_type, template in outbound(parser.parse_args().folder):
        if job_type not in connectors:
            continue
        seen += 1
        builtin, paths, binding = connectors[job_type]
        for problem in (*unknown_names(template, paths), *unbound(template, binding)):
            if is_left(builtin, problem):
                left += 1
                continue
            new += 1
            print(f"{builtin}: template version {template.get('version', '-')}: {problem}")
    print(f"{seen} templates of {len(connectors)} connectors: {left} differences as listed in left.py, {new} more")
    return 1 if new or not seen else 0


def known() -> dict[str, tuple[str, InputPaths, InputBinding]]:
    """Our connectors by job type, with what their input may hold."""
    functions = {name: load_functions(name, Source(builtin=name))[SINGLE] for name in builtin_names()}
    return {
        function.id: (name, InputPaths.of(function.input_model), InputBinding(function.input_model))
        for name, function in functions.items()
    }


def outbound(folder: Path) -> Iterator[tuple[str, Template]]:
    """The templates below a folder that make a task of a job type, with that type."""
    for file in sorted(folder.rglob("*.json")):
        content = json.loads(file.read_text("utf-8"))
        for template in content if isinstance(content, list) else [content]:
            yield from ((job_type, template) for job_type in job_types(template)[:1])


def job_types(template: Template) -> list[str]:
    """The job type of a task's template; none of another's."""
    return [p["value"] for p in template.get("properties", []) if _is_job_type(p["binding"]) and "value" in p]


def _is_job_type(binding: Template) -> bool:
    return binding["type"] == "zeebe:taskDefinition:type" or (
        binding["type"] == "zeebe:taskDefinition" and binding.get("property") == "type"
    )


def unknown_names(template: Template, paths: InputPaths) -> list[str]:
    """The inputs that a template writes and neither our model nor the template itself reads, each once."""
    properties = template["properties"]
    names = {p["binding"]["name"] for p in properties if p["binding"]["type"] == "zeebe:input"}
    texts = [text for p in properties if isinstance(text := p.get("value"), str) and text.startswith("=")]
    read = {word for text in texts for word in re.findall(r"\w+", text)}
    rides = "io.camunda:http-json:1" in job_types(template) and REST not in template["id"]
    return sorted(f"input '{name}'" for name in names if not (paths.has(name) or rides or name.rsplit(".", 1)[-1] in read))


if __name__ == "__main__":
    sys.exit(main())

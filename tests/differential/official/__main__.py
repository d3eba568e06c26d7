"""Compares what Camunda's own element templates write into a task with what our connectors take.

    PYTHONPATH=tests/support python tests/differential/official [--bind] FOLDER

FOLDER holds the templates, from where you have them: they are not ours to pass on, and nothing of them is kept. Each template of
a job type that has a connector here is looked through by this program for the names and values that it writes; printed are
those that our input models do not know. With --bind the forms of each template are filled in, with every combination of
choices, and printed is what our input models refuse. Exits 1 when there is one.
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

from connector_runtime.binding import InputBinding  # noqa: E402
from connector_runtime.config import Source  # noqa: E402
from connector_runtime.loading import SINGLE, builtin_names, load_functions  # noqa: E402

OUTBOUND = ("bpmn:ServiceTask", "bpmn:SendTask", "bpmn:IntermediateThrowEvent", "bpmn:EndEvent")
Template = dict[str, Any]


def main() -> int:
    """Compare all templates, print a line for each name and value that is not known here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--bind", action="store_true", help="fill in the forms instead of looking at names")
    options = parser.parse_args()
    connectors = known()
    seen, strange = 0, 0
    for job_type, template in outbound(options.folder):
        if job_type not in connectors:
            continue
        seen += 1
        builtin, paths, binding = connectors[job_type]
        for problem in unbound(template, binding) if options.bind else problems(template, paths):
            strange += 1
            print(f"{builtin}: template version {template.get('version', '-')}: {problem}")
    print(f"{seen} templates of {len(connectors)} connectors, {strange} refused forms or unknown names and values")
    return 1 if strange or not seen else 0


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
            types = [p["value"] for p in template.get("properties", []) if _is_job_type(p["binding"]) and "value" in p]
            if types and "inbound" not in str(template.get("category")):
                yield types[0], template


def _is_job_type(binding: Template) -> bool:
    return binding["type"] == "zeebe:taskDefinition:type" or (
        binding["type"] == "zeebe:taskDefinition" and binding.get("property") == "type"
    )


def problems(template: Template, paths: InputPaths) -> Iterator[str]:
    """What a template writes that nothing here reads, each name once, and values that no field of that name takes."""
    told: set[str] = set()
    texts = [text for p in template["properties"] if isinstance(text := p.get("value"), str) and text.startswith("=")]
    read = {word for text in texts for word in re.findall(r"\w+", text)}
    for property_ in template["properties"]:
        if property_["binding"]["type"] != "zeebe:input":
            continue
        name = property_["binding"]["name"]
        if name.rsplit(".", 1)[-1] in read and not paths.has(name):
            continue  # the template itself reads it
        if not paths.has(name):
            told.add(f"input '{name}'")
            continue
        told |= {f"value '{value}' of input '{name}'" for value in _fixed(property_) if not paths.takes(name, value)}
    yield from sorted(told)


def _fixed(property_: Template) -> list[str]:
    """The values that people cannot change, or choose among."""
    if property_["type"] == "Dropdown":
        return [choice["value"] for choice in property_["choices"]]
    value = property_.get("value")
    return [value] if property_["type"] == "Hidden" and isinstance(value, str) and not value.startswith("=") else []


if __name__ == "__main__":
    sys.exit(main())

"""Every out-of-the-box connector is documented alike: what a person copies from its page is what operator and code take."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector_operator.api.connector import ConnectorSpec
from connector_runtime.binding import InputBinding
from connector_runtime.config import Source
from connector_runtime.loading import AnyFunction, builtin_names, load_functions

ROOT = Path(__file__).parents[3]
WITHOUT_ANSWER = {"sendgrid"}
"""Of what these call comes no more than that it was accepted."""
HEADERS = {"csv": {"operation": "readCsv"}}
"""What the examples' jobs have as headers."""


def page(builtin: str) -> str:
    return (ROOT / "docs" / "connectors" / f"{builtin}.md").read_text()


def block(builtin: str, language: str) -> str:
    """The first one of a language on a page."""
    found = re.search(rf"```{language}\n(.*?)```", page(builtin), re.DOTALL)
    assert found, f"the page of '{builtin}' shows no {language}"
    return found[1]


def function(builtin: str) -> AnyFunction:
    (only,) = load_functions(builtin, Source(builtin=builtin)).values()
    return only


@pytest.mark.parametrize("builtin", builtin_names())
def test_the_manifest_is_a_connector_of_the_job_type_with_every_secret_that_the_input_names(builtin: str):
    manifest: Any = yaml.safe_load(block(builtin, "yaml"))
    spec = ConnectorSpec.model_validate(manifest["spec"])
    assert (spec.source.builtin, spec.job_type) == (builtin, function(builtin).id)
    named = set(re.findall(r"\{\{secrets\.(\w+)\}\}", block(builtin, "json")))
    assert named == {secret.name for secret in spec.secrets or []}


@pytest.mark.parametrize("builtin", builtin_names())
def test_the_input_is_what_the_function_takes(builtin: str):
    binding = InputBinding(function(builtin).input_model)
    variables = json.loads(block(builtin, "json"))
    assert set(variables) <= set(binding.fetch_variables)
    binding.bind(variables | HEADERS.get(builtin, {}))


@pytest.mark.parametrize("builtin", builtin_names())
def test_every_field_in_modeler_says_what_to_write_there(builtin: str):
    template = json.loads((ROOT / "runtime-image" / "element-templates" / f"{builtin}.json").read_text())
    shown = [field for field in template["properties"] if field["type"] != "Hidden"]
    assert [field["id"] for field in shown if not field.get("label")] == []
    says = ("description", "placeholder", "choices", "value")
    assert [field["id"] for field in shown if field["type"] != "Boolean" and not any(map(field.get, says))] == []


@pytest.mark.parametrize("builtin", builtin_names())
def test_the_page_says_what_the_process_gets_and_which_errors_there_are(builtin: str):
    assert ("\n## Result\n" in page(builtin)) is (builtin not in WITHOUT_ANSWER)
    assert re.search(r"^## Errors\n+\S", page(builtin), re.MULTILINE)

"""Whatever a user writes is data: it arrives as it was written and changes no structure."""

import json
from typing import Any

import pytest
import scenario_objects as objects
import yaml
from hostile_texts import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.rendering.environment import render_yaml
from connector_operator.rendering.pod_template import merge

texts = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

PLAIN: dict[str, Any] = {
    "name": "n",
    "service_account": "sa",
    "replicas": 1,
    "selector": {"s": "t"},
    "pod_labels": {"p": "q"},
    "grace_period": 30,
    "pull_secrets": [{"name": "r"}],
    "image": "i",
    "image_pull_policy": "Always",
    "resources": {"limits": {"cpu": 1}},
    "config_map": "c",
    "init_containers": [{"name": "fetch"}],
    "fetch_volumes": [{"name": "w"}],
    "mounts": [{"volume": {"name": "v", "emptyDir": {}}, "path": "/p"}],
}


def _replaced(node: Any, old: str, new: str) -> Any:
    """The same JSON with one text exchanged, as values and as names."""
    if isinstance(node, dict):
        return {_replaced(name, old, new): _replaced(value, old, new) for name, value in node.items()}
    if isinstance(node, list):
        return [_replaced(item, old, new) for item in node]
    return new if node == old else node


@pytest.mark.parametrize("place", ["n", "s", "t", "p", "q", "r", "i", "Always", "cpu", "c", "v", "/p"])
@settings(max_examples=25)
@given(texts)
def test_a_text_in_any_place_of_the_template_stays_that_text_in_that_place(place: str, text: str) -> None:
    """The expectation is the harmless manifest with one text exchanged for another in the parsed result."""
    marked = _replaced(PLAIN, place, "marker-of-this-test")
    expected = _replaced(render_yaml("worker.yaml.j2", **marked), "marker-of-this-test", text)
    assert render_yaml("worker.yaml.j2", **_replaced(PLAIN, place, text)) == expected


@settings(max_examples=60)
@given(st.dictionaries(texts, json_values, max_size=4))
def test_settings_arrive_as_they_were_written(given_settings: dict[str, Any]) -> None:
    found = objects.resolved(objects.connector(settings=given_settings))
    (entry,) = json.loads(objects.configured(found).workers[0].text)["connectors"]
    assert entry["settings"] == given_settings
    again = objects.resolved(objects.connector(source={}), owned=objects.remembered(found))
    assert again.served[0].spec.settings == given_settings


@settings(max_examples=40)
@given(texts, texts)
def test_python_files_arrive_as_they_were_written(code: str, other: str) -> None:
    source = {"configMap": {"name": "crm", "entryPoint": "crm:x"}}
    found = objects.resolved(objects.connector(source=source), sources=[objects.source("crm", crm__py=code, other__py=other)])
    copy = objects.manifest(objects.rendered(found), "ConfigMap", "-source-")
    assert copy["data"] == {"crm.py": code, "other.py": other}


@settings(max_examples=60)
@given(texts, texts, texts)
@example("a\nb", "c: d", "{{x}}")
def test_a_name_of_a_secret_is_either_refused_or_data(name: str, secret: str, key: str) -> None:
    reference = {"name": name, "secretKeyRef": {"name": secret, "key": key}}
    found = objects.resolved(objects.connector(secrets=[reference]))
    plain = objects.resolved(objects.connector(secrets=[{"name": "N", "secretKeyRef": {"name": "s", "key": "k"}}]))
    if found.problems:
        assert found.problems["http"].reason == "InvalidSpec"
        return
    volumes, expected = (
        objects.manifest(objects.rendered(item), "Deployment")["spec"]["template"]["spec"]["volumes"][-1]
        for item in (found, plain)
    )
    expected["projected"]["sources"][0]["secret"] = {
        "name": secret,
        "optional": True,
        "items": [{"key": key, "path": name}],
    }
    assert volumes == expected


@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "1e3"])
@pytest.mark.parametrize("where", ["quantity", "address"])
def test_a_hostile_text_is_no_quantity_and_no_address(text: str, where: str) -> None:
    members = {"quantity": {"resources": {"limits": {"cpu": text}}}, "address": {"camunda": {"grpcAddress": text}}}
    with pytest.raises(ValidationError):
        ConnectorRuntimeSpec.model_validate(objects.runtime(**members[where])["spec"])


@settings(max_examples=60)
@given(st.dictionaries(texts, st.integers(1, 9), max_size=3))
def test_names_of_resources_are_data(limits: dict[str, int]) -> None:
    found = objects.resolved(of=objects.runtime(resources={"limits": limits, "requests": {"cpu": 1}}))
    (container,) = objects.manifest(objects.rendered(found), "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": 1}} | ({"limits": limits} if limits else {})


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["metadata", "spec"]) | texts, json_values, max_size=3))
@example({"spec": {"containers": [{"name": ["x"]}, 7, {"name": None}], "volumes": {"a": 1}}})
@example({"spec": None})
def test_any_pod_template_is_rendered_and_is_data(patch: dict[str, Any]) -> None:
    found = objects.resolved(objects.connector(), of=objects.runtime(podTemplate=patch))
    deployment = objects.manifest(objects.rendered(found), "Deployment")
    assert yaml.safe_load(json.dumps(deployment, ensure_ascii=True)) is not None
    plain = objects.manifest(objects.rendered(objects.resolved(objects.connector())), "Deployment")
    assert deployment["spec"]["template"] == merge(plain["spec"]["template"], patch)
    assert {**deployment["spec"], "template": 0} == {**plain["spec"], "template": 0}

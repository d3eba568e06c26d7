"""The Helm chart gives the objects of deploy/base with its values in them: a real Helm renders, a real API server takes them."""

from typing import Any

import pytest
import yaml
from cluster_hands import ROOT, Hands
from helm_program import helm, refusal, template
from operator_rights import namespaced_rules

pytestmark = pytest.mark.timeout(1800)  # whichever runs first may have to build Helm

BASE = ROOT / "deploy" / "base"
SAME = ("--set", "image=connector-operator", "--set", "runtimeImage=connector-runtime")
Objects = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    helm()


def _by_name(objects: list[dict[str, Any]]) -> Objects:
    return {(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]): item for item in objects}


def _base() -> Objects:
    files = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    texts = ((BASE / file).read_text(encoding="utf-8") for file in files if file != "namespace.yaml")
    return _by_name([document for text in texts for document in yaml.safe_load_all(text)])


def _operator(objects: Objects) -> dict[str, Any]:
    return next(item for key, item in objects.items() if key[0] == "Deployment")["spec"]


def _environment(objects: Objects) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in _operator(objects)["template"]["spec"]["containers"][0]["env"]}


def test_with_the_same_images_the_objects_are_those_of_the_kustomization() -> None:
    assert _by_name(template(*SAME)) == _base()


def test_the_definitions_are_those_of_crds() -> None:
    included = _by_name(template("--include-crds"))
    names = sorted(name for kind, _, name in included if kind == "CustomResourceDefinition")
    assert names == sorted(file.stem for file in (ROOT / "crds").glob("*.yaml"))


def test_another_namespace_is_everywhere() -> None:
    objects = _by_name(template(namespace="elsewhere"))
    assert {namespace for _, namespace, _ in objects} == {"", "elsewhere"}
    subjects = [subject["namespace"] for item in objects.values() for subject in item.get("subjects", [])]
    assert subjects == ["elsewhere", "elsewhere"]


def test_values_reach_the_operator() -> None:
    settings = {
        "image": "reg/op:2",
        "runtimeImage": "reg/rt:2",
        "replicas": "2",
        "defaultPolicy": "deny",
        "imageVolumes": "Copy",
        "rolloutInterval": "30",
        "logLevel": "DEBUG",
    }
    objects = _by_name(template(*[word for item in settings.items() for word in ("--set", "=".join(item))]))
    operator, environment = _operator(objects), _environment(objects)
    assert (operator["replicas"], operator["template"]["spec"]["containers"][0]["image"]) == (2, "reg/op:2")
    said = {name.removeprefix("CONNECTOR_OPERATOR_"): value for name, value in environment.items()}
    assert (
        said.items()
        >= {
            "RUNTIME_IMAGE": "reg/rt:2",
            "DEFAULT_POLICY": "deny",
            "IMAGE_VOLUMES": "Copy",
            "ROLLOUT_INTERVAL": "30",
            "LOG_LEVEL": "DEBUG",
        }.items()
    )


def test_with_named_namespaces_nothing_is_cluster_wide() -> None:
    objects = _by_name(template("--set", "namespaces={shop,bank}"))
    assert "" not in {namespace for _, namespace, _ in objects}
    for namespace in ("shop", "bank"):
        assert _rights(objects["Role", namespace, "connector-operator"]["rules"]) == _rights(namespaced_rules())
        assert objects["RoleBinding", namespace, "connector-operator"]["subjects"][0]["namespace"] == "connector-operator"
    assert _environment(objects)["CONNECTOR_OPERATOR_NAMESPACES"] == "shop,bank"


def _rights(rules: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [("imagePulPolicy=x", "imagePulPolicy"), ("defaultPolicy=ask", "defaultPolicy"), ("replicas=-1", "replicas")],
)
def test_a_value_that_means_nothing_is_refused(value: str, said: str) -> None:
    assert said in refusal("--set", value)


def test_a_real_api_server_takes_every_object(hands: Hands) -> None:
    for item in template(namespace=hands.namespace):
        hands.put(item, dry_run="All")

"""What the API server takes, the operator can read; what it refuses, the operator and `connectors lint` refuse too."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cluster_hands
import pytest
from hostile_texts import HOSTILE
from kubernetes.client.exceptions import ApiException
from schema_mutations import mutations
from spec_generator import mutated
from spec_variants import VARIANTS, Spec, dotted, members, replaced

from connector_operator.api.conditions import Reason
from connector_operator.api.kinds import API_VERSION, KINDS
from connector_operator.cli.files import load
from connector_operator.cli.kubectl_yaml import read_documents
from connector_operator.cli.lint import lint
from connector_operator.domain.objects import Manifest

SEED = 4
CASES = 240
MODELS = {kind.kind.kind: kind.spec for kind in KINDS}


def _server_says(hands: cluster_hands.Hands, manifest: Manifest, **options: str) -> tuple[Any, str]:
    """The spec as it would be stored, or `None` and what is wrong with it; nothing is created."""
    resource = hands._resource(manifest["kind"])
    place = {"namespace": hands.namespace} if resource.namespaced else {}
    try:
        created = resource.create(body=manifest, query_params=[("dryRun", "All"), *options.items()], **place)
    except ApiException as refused:
        if refused.status not in (400, 422):
            raise
        return None, str(refused.body)
    return created.to_dict()["spec"], ""


def _all_of_them(hands: cluster_hands.Hands, manifests: Iterable[Manifest], **options: str) -> list[tuple[Any, str]]:
    for kind in VARIANTS:
        hands._resource(kind)  # the client's discovery is not made for threads
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda manifest: _server_says(hands, manifest, **options), manifests))


def _manifest(kind: str, spec: Any) -> Manifest:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": "probe"}, "spec": spec}


def _reads(kind: str, spec: Any) -> str:
    """What our model has against a spec; empty when nothing."""
    try:
        MODELS[kind].model_validate(spec)
    except ValueError as error:
        return str(error)
    return ""


def _spoilt() -> Iterator[tuple[str, str, Spec]]:
    chance = random.Random(SEED)
    for _ in range(CASES):
        kind = chance.choice(list(VARIANTS))
        spec, what = mutated(chance, chance.choice(list(VARIANTS[kind].values())))
        yield kind, what, spec


def _hostile() -> Iterator[tuple[str, str, Spec]]:
    chance = random.Random(SEED)
    for kind, variants in VARIANTS.items():
        for spec in variants.values():
            for place, value in members(spec):
                if isinstance(value, str):
                    text = chance.choice(HOSTILE)
                    for attempt in (text, value + text):
                        yield kind, f"{dotted(place)} {attempt[:80]!r}", replaced(spec, place, attempt)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("attempts", [_spoilt, _hostile], ids=["spoilt", "hostile"])
def test_the_api_server_and_the_models_agree(hands: cluster_hands.Hands, attempts: Any) -> None:
    cases = list(attempts())
    answers = _all_of_them(hands, (_manifest(kind, spec) for kind, _, spec in cases))
    wrong: list[str] = []
    for (kind, what, spec), (stored, refusal) in zip(cases, answers, strict=True):
        if stored is not None and (said := _reads(kind, stored)):
            wrong.append(f"{kind} {what}: taken by the API server, yet {said[:200]}")
        if stored is None and not _reads(kind, spec):
            wrong.append(f"{kind} {what}: readable, yet {refusal[:300]}")
    assert wrong == []
    assert 0 < sum(stored is None for stored, _ in answers) < len(cases), "the table must hold both verdicts"


ONLY_LINT_FINDS = ("does not appear to be an IPv4 or IPv6 network",)
"""What no schema can say: addresses that no worker could read."""


def _lint_says(path: Path, manifest: Manifest) -> str:
    """What is wrong with the object itself; that a policy refuses it or its code is missing is no business of a schema."""
    path.write_text(json.dumps(manifest))
    return "; ".join(item.message for item in lint(load([path], "default")) if item.reason == Reason.INVALID_SPEC)


def _differences(hands: cluster_hands.Hands, folder: Path, manifests: Sequence[Manifest]) -> tuple[list[str], set[bool]]:
    """Where lint and the API server, which is asked as `kubectl` asks it, do not say the same; and what was said at all."""
    sent = [read_documents(json.dumps(manifest))[0] for manifest in manifests]
    answers = _all_of_them(hands, sent, fieldValidation="Strict")
    found: list[str] = []
    for manifest, (stored, refusal) in zip(manifests, answers, strict=True):
        said = _lint_says(folder / "probe.yaml", manifest)
        if (stored is None) != bool(said) and not any(words in said for words in ONLY_LINT_FINDS):
            found.append(f"{json.dumps(manifest)[:1000]}: lint {said or 'nothing'}; API server {refusal or 'nothing'}")
    return found, {stored is None for stored, _ in answers}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", VARIANTS)
def test_lint_finds_what_breaks_a_rule_of_a_schema_and_nothing_else(
    hands: cluster_hands.Hands, kind: str, tmp_path: Path
) -> None:
    changed = [_manifest(kind, mutation.spec) for mutation in mutations() if mutation.kind == kind]
    assert _differences(hands, tmp_path, changed) == ([], {True, False})


_PROBE = _manifest("Connector", VARIANTS["Connector"]["builtin"])
_BARE = {name: member for name, member in _PROBE.items() if name != "spec"}
METADATA: tuple[Manifest, ...] = (
    *({"lables": {"a": "b"}}, {"labels": {"a": 1}}, {"labels": {"a": True}}, {"labels": []}, {"labels": None}, {"labels": {}}),
    *({"labels": {"a": "x y"}}, {"labels": {"a": "x" * 63}}, {"labels": {"a": "x" * 64}}, {"labels": {"a": ""}}),
    *({"labels": {"A/b": ""}}, {"labels": {"a.b/c_D": "e.F"}}, {"labels": {"-a": ""}}, {"labels": {"a" * 64: ""}}),
    *({"annotations": {"a": "\n x"}}, {"annotations": {"a": 1}}, {"annotations": {"a b": "x"}}, {"annotations": {"A/b": ""}}),
    *({"name": "with.dot"}, {"name": "x" * 64}, {"name": "X"}, {"generateName": "x-"}, {"finalizers": ["acme.io/x"]}),
)


def test_lint_finds_what_is_wrong_around_a_spec(hands: cluster_hands.Hands, tmp_path: Path) -> None:
    policy = _manifest("ConnectorPolicy", {})
    manifests = [
        *(_PROBE | {"metadata": {"name": "probe"} | metadata} for metadata in METADATA),
        *(_BARE | members for members in ({}, {"sepc": _PROBE["spec"]}, {"spec": None}, {"spec": []}, {"spec": "x"})),
        *(policy, {name: member for name, member in policy.items() if name != "spec"}, policy | {"status": {}}),
    ]
    assert _differences(hands, tmp_path, manifests) == ([], {True, False})

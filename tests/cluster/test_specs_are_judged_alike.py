"""What the API server takes, the operator can read; what it refuses, the operator refuses too: on spoilt and hostile specs."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cluster_hands
import pytest
from hostile_texts import HOSTILE
from kubernetes.client.exceptions import ApiException
from spec_generator import mutated
from spec_variants import VARIANTS, Spec, dotted, members, replaced

from connector_operator.api.kinds import KINDS

SEED = 4
CASES = 240
_ONLY_THE_SERVER_FINDS = ("Duplicate value", "must be of type")
"""Our models do not look for doubles, and read 0 as false: the operator never sees such a spec."""
MODELS = {kind.kind.kind: kind.spec for kind in KINDS}


def _server_says(hands: cluster_hands.Hands, kind: str, spec: Any) -> tuple[dict[str, Any] | None, str]:
    """The spec as it would be stored, or `None` and what is wrong with it; nothing is created."""
    body = {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": kind, "metadata": {"name": "probe"}, "spec": spec}
    resource = hands._resource(kind)
    place = {"namespace": hands.namespace} if resource.namespaced else {}
    try:
        return resource.create(body=body, query_params=[("dryRun", "All")], **place).to_dict()["spec"], ""
    except ApiException as refused:
        if refused.status not in (400, 422):
            raise
        return None, str(refused.body)


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
    for kind in VARIANTS:
        hands._resource(kind)  # the client's discovery is not made for threads
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda case: _server_says(hands, case[0], case[2]), cases))
    wrong: list[str] = []
    for (kind, what, spec), (stored, refusal) in zip(cases, answers, strict=True):
        if stored is not None and (said := _reads(kind, stored)):
            wrong.append(f"{kind} {what}: taken by the API server, yet {said[:200]}")
        if stored is None and not _reads(kind, spec) and not any(word in refusal for word in _ONLY_THE_SERVER_FINDS):
            wrong.append(f"{kind} {what}: readable, yet {refusal[:300]}")
    assert wrong == []
    assert 0 < sum(stored is None for stored, _ in answers) < len(cases), "the table must hold both verdicts"

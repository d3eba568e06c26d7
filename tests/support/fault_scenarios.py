"""What users do while things go wrong: objects, edits of them, and walks of random edits by a seed."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from spec_generator import mutated

from connector_operator.api.kinds import API_VERSION

SELECTION: Mapping[str, Any] = {"selector": {"matchLabels": {"team": "shop"}}}
"""Which Connectors the ConnectorRuntime takes unless a user spoils it."""
CANARY = "canary-3f9d1c"
"""Stands in the Secret that a Connector refers to, and may be seen nowhere else."""


@dataclass(frozen=True, slots=True)
class Edit:
    """`kubectl apply` of a whole object, or `kubectl delete` of it, or a SIGKILL of the operator."""

    verb: Literal["put", "delete", "kill"]
    manifest: dict[str, Any] = field(default_factory=dict[str, Any])


Step = tuple[Edit, ...]
"""Edits at once: one change, and so one rollout at most."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is there at first, and the changes that follow one after the other, each when the one before is done."""

    name: str
    before: Step
    steps: tuple[Step, ...]
    invalid: bool = False
    """The API server may refuse an edit; that is an answer to the user, too."""

    @property
    def hasty(self) -> int:
        """How many objects are made and deleted in the same step."""
        return sum(edit.verb == "delete" for step in self.steps for edit in step[1:])


def runtime(**spec: Any) -> dict[str, Any]:
    """A ConnectorRuntime that selects every Connector here."""
    base = {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": SELECTION}
    return _object("ConnectorRuntime", "shop", base | spec, {})


def connector(name: str, **spec: Any) -> dict[str, Any]:
    """A builtin Connector."""
    base = {"jobType": f"acme.io:{name}:1", "source": {"builtin": "http-json"}}
    return _object("Connector", name, base | spec, {"team": "shop"})


def scripted(**spec: Any) -> dict[str, Any]:
    """The Connector whose code is in the ConfigMap of `source`."""
    given = {"configMap": {"name": "code", "entryPoint": "crm:lookup"}}
    secrets = [{"name": "TOKEN", "secretKeyRef": {"name": "crm", "key": "token"}}]
    return connector("crm", source=given, secrets=secrets, **spec)


def source(text: str = "# 1") -> dict[str, Any]:
    """A ConfigMap with code."""
    metadata = {"name": "code", "labels": {"connectors.camunda.io/part": "source"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"crm.py": text}}


def secret() -> dict[str, Any]:
    """What nobody but the worker's pod reads."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "crm"}, "stringData": {"token": CANARY}}


def _object(kind: str, name: str, spec: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


def put(*manifests: dict[str, Any]) -> Step:
    """Apply all of them at once."""
    return tuple(Edit("put", manifest) for manifest in manifests)


ALL = put(secret(), source(), connector("anchor"), scripted(), connector("http"), runtime())
"""The anchor comes first by time and by name: it is the older one, whether or not both are made in the same second."""
DUPLICATE = connector("http", jobType="acme.io:anchor:1")
"""A Connector that no worker may take: another one has the job type."""

CREATE = Scenario("create", (), (ALL,))
CHANGE = Scenario("change", ALL, (put(connector("http", maxJobsActive=7)), put(source("# 2"))))
REMOVE = Scenario("remove", ALL, ((Edit("delete", connector("http")),), put(runtime(replicas=3))))
REFUSE = Scenario("refuse", ALL, (put(DUPLICATE), put(connector("http", maxJobsActive=9))))
SCENARIOS: Sequence[Scenario] = (CREATE, CHANGE, REMOVE, REFUSE)


def walk(seed: int, operations: int = 10) -> Scenario:
    """Ten random operations over one namespace; the same for the same seed."""
    chance = random.Random(seed)
    steps: list[Step] = []
    for number in range(operations):
        name = chance.choice(("http", "mail", "sql"))
        moves: list[Step] = [
            put(connector(name, maxJobsActive=number + 1)),
            put(connector(name, settings={"number": number})),
            put(connector(name, jobType="acme.io:anchor:1")),
            put(source(f"# walk {number}")),
            put(scripted(maxJobsActive=number + 1)),
            put(runtime(replicas=chance.randint(1, 4))),
            put(runtime(suspend=chance.random() < 0.5)),
            (*put(connector(name)), Edit("delete", connector(name))),
            (Edit("kill"),),
        ]
        steps.append(chance.choice(moves))
    return Scenario(f"walk-{seed}", ALL, tuple(steps))


def mutations(seed: int, count: int = 10) -> Scenario:
    """Objects with one field of their spec spoilt, one after the other, each put right again by the next good spec."""
    chance = random.Random(seed)
    steps: list[Step] = []
    for _ in range(count):
        good = chance.choice(GOOD)
        bad = good | {"spec": mutated(chance, good["spec"])[0]}
        steps += [put(bad), put(good)]
    return Scenario(f"mutations-{seed}", (*ALL, *put(*GOOD)), tuple(steps), invalid=True)


GOOD = (runtime(replicas=1), connector("http", maxJobsActive=3, settings={"number": 1}), scripted())
UNSPOILT = Scenario("unspoilt", ALL, (put(*GOOD),))
"""What mutations must come to in the end."""

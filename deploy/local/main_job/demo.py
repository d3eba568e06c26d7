"""`make demo`: the main job, told in short lines."""

import json
import time
from dataclasses import dataclass, field
from typing import Final

from local_cluster.errors import LocalClusterError
from main_job import target as targets
from main_job.processes import as_text
from main_job.stage import NAMESPACE, SAMPLES, Stage, staged

_RESULT_SECONDS: Final = 60
_WAIT_SHOWN_SECONDS: Final = 4


@dataclass(slots=True)
class Teller:
    """Prints lines with the time since the beginning."""

    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """One step."""
        print(f"[{time.monotonic() - self.began:6.1f} s] {text}", flush=True)

    def show(self, text: str) -> None:
        """What a command printed, indented."""
        print("\n".join(f"             {line}" for line in text.strip().splitlines()), flush=True)


def demo() -> None:
    """Bring everything up and run the main job; raises LocalClusterError with what is wrong and what to do."""
    teller = Teller()
    what = "looking at the cluster of KUBECONFIG" if targets.is_theirs() else "bringing up cluster, Zeebe and images"
    teller.say(what)
    target = targets.up()
    teller.say(f"cluster and Zeebe are up; kubectl --kubeconfig {target.kubectl.kubeconfig}")
    with staged(target) as stage:
        teller.say("the operator runs, the diagrams order and ping are deployed")
        _first_job(teller, stage)
        _late_secret(teller, stage)
        _resources(teller, stage)
        _refused(teller, stage)
        _catalogue(teller, stage)
        _proof(teller, stage)
    teller.say("done. `make demo-down` takes everything away again")


def _first_job(teller: Teller, stage: Stage) -> None:
    instance = stage.ping()
    teller.say("kubectl apply -f policy.yaml -f connectors.yaml -f runtime.yaml")
    began = time.monotonic()
    stage.apply_samples()
    variables = instance.variables(_RESULT_SECONDS)
    teller.say(f"first job completed {time.monotonic() - began:.1f} s after the apply: shop = {variables['shop']!r}")


def _late_secret(teller: Teller, stage: Stage) -> None:
    instance = stage.order()
    message = stage.target.kubectl.wait_reason("connector/crm-lookup", NAMESPACE, "Loaded", "SecretsMissing")
    teller.say(f"an order waits, since its Connector says SecretsMissing: {message}")
    stage.create_secret(stage.shop.token)
    teller.say("kubectl apply -f secret.yaml")
    variables = instance.variables(_RESULT_SECONDS)
    teller.say(f"the order is complete, without a restart (container restarts: {stage.restarts()}); its variables:")
    teller.show(as_text({name: variables[name] for name in sorted(variables) if name != "shopUrl"}))
    variables = stage.order("C-404").variables(_RESULT_SECONDS)
    teller.say(f"an order of an unknown customer took the BPMN error's way: outcome = {variables['outcome']!r}")


def _resources(teller: Teller, stage: Stage) -> None:
    kubectl = stage.target.kubectl
    for name in ("http", "crm-lookup"):
        kubectl.wait_reason(f"connector/{name}", NAMESPACE, "Ready", "Ready")
    teller.say("kubectl get connectorpolicies,connectorruntimes,connectors,pods -n shop")
    for kind in ("connectorpolicies", "connectorruntimes", "connectors", "pods"):
        teller.show(kubectl.run("get", kind, "-n", NAMESPACE))


def _refused(teller: Teller, stage: Stage) -> None:
    teller.say("a Connector that the policy does not allow: kubectl apply -f refused.yaml")
    try:
        stage.apply(SAMPLES / "refused.yaml")
    except LocalClusterError as refusal:
        teller.show(str(refusal).split(": ", 1)[1])
    else:
        raise LocalClusterError("the API server accepted a Connector that the policy does not allow")
    _tightened(teller, stage)


def _tightened(teller: Teller, stage: Stage) -> None:
    """What was accepted before its policy was tightened is taken out of the worker, too, and says so."""
    kubectl = stage.target.kubectl
    kubectl.run("patch", "connpol", "shop", "--type=json", "-p", '[{"op": "remove", "path": "/spec/connectors/1"}]')
    message = kubectl.wait_reason("connector/crm-lookup", NAMESPACE, "Ready", "RefusedByPolicy")
    teller.say("the policy no longer allows acme.io:*; the Connector that ran is taken out of its worker:")
    teller.show(kubectl.run("get", "connector", "crm-lookup", "-n", NAMESPACE))
    teller.show(message)
    kubectl.apply(SAMPLES / "policy.yaml")
    kubectl.wait_reason("connector/crm-lookup", NAMESPACE, "Ready", "Ready")
    teller.say("the policy is as it was, and the Connector is back")


def _catalogue(teller: Teller, stage: Stage) -> None:
    teller.say("element templates for Modeler in ConfigMap shop-element-templates:")
    data = stage.target.kubectl.get("configmap", "shop-element-templates", NAMESPACE)["data"]
    for key, text in sorted(data.items()):
        template = json.loads(text)
        teller.show(f"{key}: {template['name']}, version {template['version']}, {len(template['properties'])} properties")


def _proof(teller: Teller, stage: Stage) -> None:
    stage.scale(0)
    instance = stage.order()
    time.sleep(_WAIT_SHOWN_SECONDS)
    state = "has ended" if instance.ended else "waits"
    teller.say(f"with the worker pod stopped, an order {state} ({_WAIT_SHOWN_SECONDS} s)")
    stage.scale(1)
    variables = instance.variables(_RESULT_SECONDS)
    teller.say(f"with the pod back, it completes: orderId = {variables['orderId']!r}, total = {variables['total']}")

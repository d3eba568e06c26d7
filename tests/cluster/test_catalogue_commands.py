"""`kubectl connectors templates …` with the real kubectl and API server, by somebody who may only read ConfigMaps."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cluster_hands
import pytest
import worker_pods
from cluster_hands import Hands, wait_for
from hub_fake import HubFake
from kubectl_program import kubectl
from loopback_server import listening
from operator_process import OperatorProcess
from template_builder import good_template
from worker_pods import WorkerPod

pytestmark = pytest.mark.usefixtures("controllers")

TEMPLATES = {"http": [good_template(id="acme:t", version=1)], "other": [good_template(id="o", version=1)]}
READER = {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]}


def _listens_to_ctrl_c() -> None:
    """A shell's background job, such as a CI run may be, has SIGINT ignored, and what it starts inherits that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass
class Desk:
    """A modeller's machine: kubectl with our plugin on the PATH, and a kubeconfig."""

    kubeconfig: Path
    folder: Path
    environment: Mapping[str, str]

    def command(self, *options: str) -> list[str]:
        return [*self.templates("pull"), "--dir", str(self.folder), *options]

    def templates(self, command: str, *options: str) -> list[str]:
        return ["kubectl", "connectors", "templates", command, "--kubeconfig", str(self.kubeconfig), *options]

    def pull(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.command(*options))

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=60)

    def files(self) -> dict[str, object]:
        """What Modeler would find, by name."""
        return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in self.folder.rglob("*.json")}

    @contextmanager
    def watching(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            self.command("--watch", *options),
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_listens_to_ctrl_c,  # noqa: PLW1509 - sets one handler, takes no lock
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def pod(operator: OperatorProcess, hands: Hands) -> Iterator[WorkerPod]:
    """A worker that serves both Connectors, whose templates are published."""
    worker_pods.bring(hands, "http", "other")
    with worker_pods.running(hands, "shop-worker", {name: list(found) for name, found in TEMPLATES.items()}) as running:
        hands.wait_condition("Connector", "http", "Published", ("True", "Published"))
        hands.wait_condition("Connector", "other", "Published", ("True", "Published"))
        yield running


@pytest.fixture
def desk(hands: Hands, kube_config: Path, tmp_path: Path) -> Desk:
    kubeconfig = cluster_hands.service_account_kubeconfig(hands, kube_config, "reader", tmp_path / "kubeconfig")
    rbac = "rbac.authorization.k8s.io"
    hands.put({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "reader"}} | READER)
    hands.put(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "reader"},
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reader"},
            "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": hands.namespace}],
        }
    )
    path = f"{Path(sys.executable).parent}:{Path(kubectl()).parent}:/usr/bin:/bin"
    return Desk(kubeconfig, tmp_path / ".camunda" / "element-templates", {"PATH": path, "HOME": str(tmp_path)})


def test_the_kubectl_plugin_writes_what_is_published(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    pulled = desk.pull("--namespace", hands.namespace, "--runtime", "shop")
    assert (pulled.returncode, pulled.stderr) == (0, "")
    published = hands.get("ConfigMap", "shop-element-templates")["data"]
    assert desk.files() == {key: json.loads(text) for key, text in published.items()}
    assert sorted(published) == ["acme_3at-v1.json", "o-v1.json"]
    assert desk.pull("--namespace", hands.namespace).stdout == "nothing to do\n"


def test_while_watching_the_folder_follows_the_cluster_and_ctrl_c_ends_it(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    desk.folder.mkdir(parents=True)
    (desk.folder / "mine.json").write_text("{}")
    with desk.watching("--namespace", hands.namespace) as process:
        _await_files(desk, "acme_3at-v1.json", "mine.json", "o-v1.json")
        hands.delete("Connector", "other")
        _await_files(desk, "acme_3at-v1.json", "mine.json")
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert output.splitlines()[-1] == f"removed {desk.folder / 'o-v1.json'}"
    assert sorted(path.name for path in desk.folder.iterdir()) == [".connectors-pulled", "acme_3at-v1.json", "mine.json"]


def test_whoever_may_not_read_config_maps_is_told_so_and_keeps_the_folder(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    assert desk.pull("--namespace", hands.namespace).returncode == 0
    before = desk.files()
    hands.delete("RoleBinding", "reader")
    wait_for(lambda: desk.pull("--namespace", hands.namespace).returncode == 1, "the right is gone")
    told = f"connectors: cannot list configmaps in namespace '{hands.namespace}': the API server answered 403"
    assert desk.pull("--namespace", hands.namespace).stderr.startswith(told)
    assert desk.files() == before


def test_a_dry_run_says_what_hub_would_get_and_needs_no_credentials(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    told = desk.run(desk.templates("push", "--dry-run", "--namespace", hands.namespace, "--hub", "http://127.0.0.1:9"))
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "would hand over acme_3at/acme_3at.json\nwould hand over o/o.json\n"


def test_an_empty_catalogue_is_handed_over_only_when_that_is_meant(hands: Hands, desk: Desk) -> None:
    push = desk.templates("push", "--dry-run", "--namespace", hands.namespace, "--hub", "http://127.0.0.1:9")
    refused = desk.run(push)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("connectors: cannot hand over an empty catalogue: Hub would unpublish everything")
    assert desk.run([*push, "--allow-empty"]).returncode == 0


def test_whoever_may_not_look_everywhere_is_told_to_name_a_namespace(pod: WorkerPod, desk: Desk) -> None:
    refused = desk.pull()
    assert refused.returncode == 1
    assert refused.stderr.endswith("; name a namespace that you may read with --namespace\n")


def test_a_folder_that_cannot_be_written_is_told(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    desk.folder.parent.write_text("a file where the folder should be")
    refused = desk.pull("--namespace", hands.namespace)
    assert (refused.returncode, refused.stderr) == (1, f"connectors: cannot use '{desk.folder}': Not a directory\n")


async def test_the_kubectl_plugin_hands_over_to_camunda_hub(pod: WorkerPod, hands: Hands, desk: Desk) -> None:
    hub = HubFake()
    async with listening(hub.app()) as port:
        base = f"http://127.0.0.1:{port}"
        ours = {"CAMUNDA_OAUTH_URL": f"{base}/oauth/token", "CAMUNDA_CONSOLE_CLIENT_ID": hub.client.client_id}
        process = await asyncio.create_subprocess_exec(
            *desk.templates("push", "--namespace", hands.namespace, "--hub", base),
            env={**desk.environment, **ours, "CAMUNDA_CONSOLE_CLIENT_SECRET": hub.client.secret},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
    assert (process.returncode, output.decode()) == (0, "handed over 2 element templates\n")
    assert hub.published() == {"acme:t": 1, "o": 1}
    published = hands.get("ConfigMap", "shop-element-templates")["data"]
    assert hub.assets["o"].versions[1] == json.loads(published["o-v1.json"])


def _await_files(desk: Desk, *names: str) -> None:
    wait_for(lambda: sorted(desk.files()) == sorted(names), f"the folder holds {names}")

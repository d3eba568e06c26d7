"""The Connectors of the proof, and the scene of each: what a person types so that it finds its world on this machine."""

import json
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from document_server import DocumentServer
from job_worker import connector_entry
from message_server import MessageServer
from modeler_samples import Scene
from recording_server import Answer, RecordingServer
from scenario_world import sample as sample_objects

from connector_runtime.config import Source
from connector_runtime.loading import AnyFunction, builtin_names, load_functions

ANSWERS: Mapping[str, bytes] = {
    "http": b'{"ok": true, "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60}',
    "graph": b'{"id": "1", "value": [], "name": "invoice.pdf", "webUrl": "https://example.sharepoint.com/orders",'
    b' "parentReference": {"driveId": "D1"}, "eTag": "{02BD9FD6-8F93-4758-87C3-1FB73740A315},1"}',
    "registry": b'{"id": 1}',
    "crm": b'{"id": "C-42", "name": "Ada", "tier": "gold"}',
    "chat.postMessage": b'{"ok": true, "ts": "1654636029.472959", "channel": "C1", "message": {"text": "Order sent"}}',
    "conversations.create": b'{"ok": true, "channel": {"id": "C1", "name": "order-4711"}}',
    "conversations.invite": b'{"ok": true, "channel": {"id": "C1", "name": "order-4711"}}',
    "conversations.list": b'{"ok": true, "channels": [{"id": "C1", "name": "order-4711"}, {"id": "C2", "name": "orders"}]}',
    **dict.fromkeys(("reactions.add", "pins.add", "pins.remove"), b'{"ok": true}'),
    "files.completeUploadExternal": b'{"ok": true, "files": []}',
    "users.list": b'{"ok": true, "members": [{"id": "U1", "name": "ada", "profile": {}}]}',
}
"""By the first segment of the path."""
GALLERY, ANNOUNCEMENTS = (Path(__file__).with_name(name) for name in ("gallery.py", "announcements.json"))
PLACEHOLDER = re.compile(r"\{\{secrets\.(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Played:
    """One Connector; without a scene its jobs are grabbed, not executed."""

    name: str
    job_type: str
    source: Mapping[str, str]
    scene: Scene | None
    objects: tuple[dict[str, Any], ...] = field(repr=False)
    """What a cluster has of it."""

    def functions(self) -> dict[str, AnyFunction]:
        """The connector function by operation, as the runtime loads it."""
        return load_functions(self.name, Source.model_validate(dict(self.source)))

    def entry(self, secrets: Path) -> dict[str, Any]:
        """Its part of the worker configuration; `secrets` is a folder with one file per secret."""
        mounted = {"directory": str(secrets), "names": sorted(file.name for file in secrets.iterdir())}
        settings = dict(self.scene.settings) if self.scene else {}
        return connector_entry(self.name, self.job_type, source=dict(self.source), settings=settings, secrets=mounted)


@asynccontextmanager
async def recording_server() -> AsyncGenerator[RecordingServer]:
    """The world of what speaks HTTP."""
    answers = {case: [Answer(body=body)] for case, body in ANSWERS.items()}
    async with RecordingServer(answers) as server:
        place = {"ok": True, "upload_url": server.base("http"), "file_id": "F1"}
        answers["files.getUploadURLExternal"] = [Answer(body=json.dumps(place).encode())]
        yield server


@dataclass(frozen=True, slots=True)
class Camunda:
    """What Camunda's REST API has for the proof."""

    address: str
    variables: Mapping[str, Any]
    """Of every process: what the templates' examples speak of."""


@asynccontextmanager
async def camunda_rest() -> AsyncGenerator[Camunda]:
    """A store with the document `invoice`, and somebody who waits for the message `order-paid`."""
    messages = MessageServer(waiting={("order-paid", "4711"): 1})
    async with DocumentServer().running(messages.route) as documents:
        variables = {"orderId": "4711", "customerId": "C-42", "invoice": documents.put(b"%PDF", name="invoice.pdf")}
        yield Camunda(documents.address, variables)


def wanted_builtins(only: frozenset[str]) -> list[str]:
    """The built-in connectors of which one of these templates is; all of them when nothing is named."""
    return [name for name in builtin_names() if not only or _builtin(name, name, None).job_type in only]


def cast_of(server: RecordingServer, folder: Path, scenes: Mapping[str, Scene]) -> list[Played]:
    """Every built-in connector, the sample's own connector, and a gallery of all kinds of fields."""
    known = {**_http_scenes(server), **scenes}
    played = [_builtin(name, name, known.get(name)) for name in builtin_names()]
    second = _builtin("invoices", "http-json", known["http-json"], job_type="acme.io:invoices:1")
    return [*played, second, _crm(server, folder), _gallery(folder), _announcement(folder)]


def _http_scenes(server: RecordingServer) -> dict[str, Scene]:
    """Of what speaks plain HTTP, or to nobody."""
    http = server.base("http")
    return {
        "csv": Scene(where={"readCsv": {"data": "product,price\ntea,4.5"}}),
        "graphql": Scene(address=http),
        "http-json": Scene(address=http),
        "microsoft-teams": Scene(settings={"baseUrl": server.base("graph"), "loginUrl": http}),
        "send-message": Scene({"correlationKey": "=orderId", "correlationType.timeToLive": "0"}),
        "sendgrid": Scene({"content.subject": "Your order", "content.value": "It is on its way."}, settings={"baseUrl": http}),
        # a message without text has nothing to say, which no template can ask for: blocks would do too
        "slack": Scene({"data.text": "Order sent"}, settings={"baseUrl": f"http://127.0.0.1:{server.port}"}),
    }


def _builtin(name: str, module: str, scene: Scene | None, *, job_type: str = "") -> Played:
    """A Connector of a connector function that ships in the runtime image; its own job type unless another is given."""
    source = {"builtin": module}
    (function,) = load_functions(name, Source.model_validate(source)).values()
    job_type = job_type or function.id
    return Played(name, job_type, source, scene, (_connector(name, job_type, source),))


def mounted_secrets(templates: Iterable[Any], scenes: Iterable[Scene], folder: Path) -> Path:
    """A folder with every secret that somebody might type: those that the templates' examples name, and those of the scenes."""
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in {"NAME", *PLACEHOLDER.findall(str(list(templates)))}:
        (secrets / name).write_text(f"the {name}")
    for name, content in (item for scene in scenes for item in scene.secrets.items()):
        (secrets / name).write_text(content)
    _identity(secrets / "CLIENT_CERTIFICATE", secrets / "CLIENT_KEY", password="the NAME")
    shutil.copy(secrets / "CLIENT_CERTIFICATE", secrets / "CA_CERTIFICATE")
    return secrets


def _identity(certificate: Path, key: Path, *, password: str) -> None:
    """What a client shows in mutual TLS; the key is locked with the secret that the templates' examples call NAME."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "1", "-subj", "/CN=proof"]
    options = ["-passout", f"pass:{password}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *options], check=True, capture_output=True)


def _crm(server: RecordingServer, folder: Path) -> Played:
    """The Connector of the samples whose code stands in a ConfigMap."""
    connector, config_map = sample_objects("connectors.yaml")[1:]
    return _of_files(Scene(address=server.base("crm")), folder, connector, config_map)


def _gallery(folder: Path) -> Played:
    connector = _connector("gallery", "acme.io:gallery:1", {"configMap": {"name": "gallery", "entryPoint": "gallery:gallery"}})
    connector["spec"]["secrets"] = [{"name": "CARD_CODE", "secretKeyRef": {"name": "cards", "key": "code"}}]
    return _of_files(Scene(), folder, connector, _config_map("gallery", {"gallery.py": GALLERY.read_text()}))


def _announcement(folder: Path) -> Played:
    """A Connector that brings its own element templates, for other elements than service tasks."""
    connector = _connector(
        "announcement", "acme.io:announcement:1", {"configMap": {"name": "announcement", "entryPoint": "gallery:announce"}}
    )
    given = {f"{number}.json": json.dumps(one) for number, one in enumerate(json.loads(ANNOUNCEMENTS.read_text()))}
    references = [{"configMapKeyRef": {"name": "announcement-templates", "key": key}} for key in given]
    connector["spec"]["elementTemplates"] = references
    code = _config_map("announcement", {"gallery.py": GALLERY.read_text()})
    return _of_files(Scene(), folder, connector, code, _config_map("announcement-templates", given))


def _connector(name: str, job_type: str, source: Mapping[str, Any]) -> dict[str, Any]:
    spec = {"jobType": job_type, "source": dict(source)}
    return {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": "Connector", "metadata": {"name": name}, "spec": spec}


def _config_map(name: str, data: Mapping[str, str]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"connectors.camunda.io/part": "source"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)}


def _of_files(scene: Scene, folder: Path, connector: dict[str, Any], code: dict[str, Any], *more: dict[str, Any]) -> Played:
    """A Connector whose code stands in a ConfigMap, with that mounted as the operator has it mounted."""
    name, spec = connector["metadata"]["name"], connector["spec"]
    path = folder / name
    path.mkdir()
    for file, text in code["data"].items():
        (path / file).write_text(text, encoding="utf-8")
    source = {"path": str(path), "entryPoint": spec["source"]["configMap"]["entryPoint"], "digest": "d"}
    return Played(name, spec["jobType"], source, scene, (connector, code, *more))

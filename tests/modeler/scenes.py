"""The Connectors of the proof, and the world of each on this machine: HTTP servers on loopback, a database in a file."""

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from job_worker import connector_entry
from modeler_samples import Scene
from recording_server import Answer, RecordingServer
from scenario_world import sample as sample_objects

from connector_runtime.config import Source
from connector_runtime.loading import AnyFunction, builtin_names, load_functions

ANSWERS: Mapping[str, bytes] = {
    "http": b'{"ok": true, "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60}',
    "crm": b'{"id": "C-42", "name": "Ada", "tier": "gold"}',
    "chat.postMessage": b'{"ok": true, "ts": "1654636029.472959", "channel": "C1", "message": {"text": "Order sent"}}',
    "conversations.create": b'{"ok": true, "channel": {"id": "C1", "name": "order-4711"}}',
    "conversations.invite": b'{"ok": true, "channel": {"id": "C1", "name": "order-4711"}}',
    "conversations.list": b'{"ok": true, "channels": [{"id": "C1", "name": "order-4711"}]}',
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


def recording_server() -> RecordingServer:
    """The world of what speaks HTTP."""
    return RecordingServer({case: [Answer(body=body)] for case, body in ANSWERS.items()})


def cast_of(server: RecordingServer, folder: Path) -> list[Played]:
    """Every built-in connector, the sample's own connector, and a gallery of all kinds of fields."""
    # what is to be stored as a document needs a document store, which no Zeebe of this machine has
    http = Scene(address=server.base("http"), needs={"storeResponse": "=false"})
    graphql = Scene(address=server.base("http"), needs={"graphql.storeResponse": "=false"})
    csv = Scene(chosen={"operation": "writeCsv"}, needs={"operation": "writeCsv", "createDocument": "=false"})
    scenes = {"csv": csv, "graphql": graphql, "http-json": http, "slack": _slack(server), "sql": _sql(folder)}
    played = [_builtin(name, name, scenes.get(name)) for name in builtin_names()]
    second = _builtin("invoices", "http-json", http, job_type="acme.io:invoices:1")
    return [*played, second, _crm(server, folder), _gallery(folder), _announcement(folder)]


def _builtin(name: str, module: str, scene: Scene | None, *, job_type: str = "") -> Played:
    """A Connector of a connector function that ships in the runtime image; its own job type unless another is given."""
    source = {"builtin": module}
    (function,) = load_functions(name, Source.model_validate(source)).values()
    job_type = job_type or function.id
    return Played(name, job_type, source, scene, (_connector(name, job_type, source),))


def mounted_secrets(templates: Iterable[Any], folder: Path) -> Path:
    """A folder with every secret that somebody might type: those that the templates' examples name."""
    secrets = folder / "secrets"
    secrets.mkdir()
    for name in {"NAME", *PLACEHOLDER.findall(str(list(templates)))}:
        (secrets / name).write_text(f"the {name}")
    _identity(secrets / "CLIENT_CERTIFICATE", secrets / "CLIENT_KEY", password="the NAME")
    shutil.copy(secrets / "CLIENT_CERTIFICATE", secrets / "CA_CERTIFICATE")
    return secrets


def _identity(certificate: Path, key: Path, *, password: str) -> None:
    """What a client shows in mutual TLS; the key is locked with the secret that the templates' examples call NAME."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "1", "-subj", "/CN=proof"]
    options = ["-passout", f"pass:{password}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *options], check=True, capture_output=True)


def _slack(server: RecordingServer) -> Scene:
    """A message without text has nothing to say, which no template can ask for: blocks would do too."""
    return Scene({"data.text": "Order sent"}, settings={"baseUrl": f"http://127.0.0.1:{server.port}"})


def _sql(folder: Path) -> Scene:
    file = folder / "shop.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)")
        database.execute("INSERT INTO orders VALUES (1, 'Ada')")
    database.close()
    typed = {
        "connection.uri": f"jdbc:sqlite:{file}",
        "connection.uriProperties": '{sslmode: "disable"}',
        "data.variables": "{id: 1}",
    }
    return Scene(typed, chosen={"database": "SQLITE", "connection.authType": "uri"}, needs={"database": "SQLITE"})


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

"""The init container's program, run as it is in a pod: real pip, against a package index on loopback."""

import base64
import hashlib
import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import connector_operator.rendering

PROGRAM = Path(connector_operator.rendering.__file__).with_name("install_packages.py").read_text(encoding="utf-8")
PYTHON = Path(sys.base_prefix) / "bin" / "python3"


def _wheel() -> bytes:
    """The smallest wheel that pip takes: one module."""
    info = "acme_crm-1.4.2.dist-info"
    files = {
        "acme_crm.py": "def lookup(): return 'found'\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.4.2\nRequires-Dist: not-there\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{name},sha256={_record(text)},{len(text)}" for name, text in files.items()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": "\n".join([*rows, f"{info}/RECORD,,", ""])}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def _record(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


WHEEL = _wheel()
GOOD = hashlib.sha256(WHEEL).hexdigest()


class _Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages = {
            "/simple/acme-crm/": b"<a href='/files/acme_crm-1.4.2-py3-none-any.whl'>acme_crm-1.4.2-py3-none-any.whl</a>",
            "/files/acme_crm-1.4.2-py3-none-any.whl": WHEEL,
        }
        body = pages.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Quiet: pip's own words are what a failing test needs."""


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Index)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


def _install(folder: Path, index: str, line: str) -> subprocess.CompletedProcess[str]:
    requirements, target = folder / "requirements.txt", folder / "code"
    requirements.write_text(line + "\n", encoding="utf-8")
    target.mkdir(exist_ok=True)
    command = [str(PYTHON), "-c", PROGRAM, str(requirements), str(target), "acme_crm", index]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=90)


def _call(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import acme_crm; print(acme_crm.lookup())"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder / "code")


def test_a_pinned_wheel_is_installed_and_nothing_else(tmp_path: Path, index: str) -> None:
    _install(tmp_path, index, f"acme-crm==1.4.2 --hash=sha256:{GOOD}")
    assert _call(tmp_path).stdout == "found\n"
    assert sorted(path.name for path in (tmp_path / "code").iterdir()) == ["acme_crm-1.4.2.dist-info", "acme_crm.py"]


def test_installing_again_into_the_same_folder_changes_nothing(tmp_path: Path, index: str) -> None:
    for _ in range(2):
        _install(tmp_path, index, f"acme-crm==1.4.2 --hash=sha256:{GOOD}")
    assert _call(tmp_path).stdout == "found\n"


def test_another_content_than_the_pinned_one_is_a_module_that_says_so(tmp_path: Path, index: str) -> None:
    done = _install(tmp_path, index, f"acme-crm==1.4.2 --hash=sha256:{'0' * 64}")
    said = _call(tmp_path).stderr
    assert "ImportError: cannot install the package: THESE PACKAGES DO NOT MATCH THE HASHES" in said
    assert "DO NOT MATCH THE HASHES" in done.stderr

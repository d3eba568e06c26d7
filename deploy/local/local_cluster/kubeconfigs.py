"""Kubeconfig files that carry their certificates, so that one file is all that a client needs."""

import base64
import json
from pathlib import Path

from local_cluster.certificates import CertificateAuthority


def write_kubeconfig(path: Path, server: str, authority: CertificateAuthority, user: str) -> Path:
    """Write the kubeconfig of the bearer of certificate `user`; JSON, which is YAML as well."""
    cluster = {"server": server, "certificate-authority-data": _data(authority.certificate("ca"))}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _data(authority.certificate(user)),
                    "client-key-data": _data(authority.key(user)),
                },
            }
        ],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": user}}],
        "current-context": "local",
    }
    scratch = path.with_name(f".{path.name}.new")
    scratch.touch(mode=0o600)
    scratch.write_text(json.dumps(content, indent=2), encoding="utf-8")
    scratch.rename(path)
    return path


def _data(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def server_of(kubeconfig: Path) -> str:
    """The server that a kubeconfig of ours names."""
    return json.loads(kubeconfig.read_bytes())["clusters"][0]["cluster"]["server"]

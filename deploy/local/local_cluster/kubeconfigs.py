"""Kubeconfig files that carry their certificates, so that one file is all that a client needs."""

import base64
import json
from pathlib import Path

from local_cluster.certificates import CertificateAuthority
from local_cluster.files import write_by_content


def kubeconfig_text(server: str, authority: CertificateAuthority, user: str) -> str:
    """The kubeconfig of the bearer of certificate `user`; JSON, which is YAML as well."""
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
    return json.dumps(content, indent=2)


def write_component_kubeconfig(folder: Path, server: str, authority: CertificateAuthority, user: str) -> Path:
    """The kubeconfig of a component, under a name that changes with it, so that a moved API server restarts its clients."""
    return write_by_content(folder / f"{user}.kubeconfig", kubeconfig_text(server, authority, user), mode=0o600)


def _data(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def server_of(kubeconfig: Path) -> str:
    """The server that a kubeconfig of ours names."""
    return json.loads(kubeconfig.read_bytes())["clusters"][0]["cluster"]["server"]

"""The few calls that we make to an API server ourselves, over the standard library."""

import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from local_cluster.certificates import CertificateAuthority
from local_cluster.errors import LocalClusterError

_FIELD_MANAGER = "local-cluster"


class ApiClient:
    """A client with the certificate of `user`."""

    def __init__(self, server: str, authority: CertificateAuthority, user: str) -> None:
        self._server = server
        self._tls = ssl.create_default_context(cafile=str(authority.certificate("ca")))
        self._tls.load_cert_chain(authority.certificate(user), authority.key(user))
        # no proxy of the environment is ever between us and an address of this machine
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        )

    def ready(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            return self._call("GET", "/readyz") == b"ok"
        except OSError:
            return False

    def find(self, path: str) -> dict[str, Any] | None:
        """The object at an API path; None when there is none or nobody answers."""
        try:
            return json.loads(self._call("GET", path))
        except OSError:
            return None

    def apply(self, path: str, manifest: dict[str, Any]) -> None:
        """Server-side apply; raises LocalClusterError with the API server's own words."""
        try:
            self._call("PATCH", f"{path}?fieldManager={_FIELD_MANAGER}&force=true", json.dumps(manifest).encode())
        except urllib.error.HTTPError as refused:
            raise LocalClusterError(f'cannot apply "{path}": {refused.read().decode(errors="replace")}') from refused
        except OSError as failed:
            raise LocalClusterError(f'cannot apply "{path}": {failed}') from failed

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Content-Type": "application/apply-patch+yaml"} if body else {}
        request = urllib.request.Request(self._server + path, data=body, method=method, headers=headers)
        with self._opener.open(request, timeout=10) as answer:
            return answer.read()

"""The cluster's own certificate authority, by the openssl command."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local_cluster.errors import LocalClusterError

_DAYS = "3650"
_CONFIGURATION = "[req]\ndistinguished_name = dn\n[dn]\n"  # not the machine's: its extensions differ between systems
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """One certificate: `<name>.crt` and `<name>.key`; the subject decides who its bearer is to Kubernetes."""

    name: str
    subject: str  # as openssl writes it: /O=group/CN=user
    usage: str = "clientAuth"
    names: tuple[str, ...] = ()  # DNS:… and IP:…, of a server


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """A folder with a CA, a key pair that signs service account tokens, and what the CA issued."""

    directory: Path

    def certificate(self, name: str) -> Path:
        """Where the certificate of that name is; `ca` is the authority's own."""
        return self.directory / f"{name}.crt"

    def key(self, name: str) -> Path:
        """Where the private key of that name is; `service-accounts` signs tokens."""
        return self.directory / f"{name}.key"

    @property
    def token_public_key(self) -> Path:
        """What verifies service account tokens."""
        return self.directory / "service-accounts.pub"

    def create(self) -> None:
        """Make the authority unless it exists."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not self.certificate("ca").exists():
            extensions = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature")
            self._request("ca", "/CN=connector-operator-local-ca", extensions, signed_by=None)
        if not self.token_public_key.exists():
            key = self.key("service-accounts")
            _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", str(key))
            _openssl("pkey", "-in", str(key), "-pubout", "-out", str(self.token_public_key))

    def issue(self, requests: Sequence[CertificateRequest]) -> None:
        """Issue those that do not exist yet."""
        for request in requests:
            if not self.certificate(request.name).exists():
                extensions = ["basicConstraints=CA:FALSE", "keyUsage=digitalSignature", f"extendedKeyUsage={request.usage}"]
                if request.names:
                    extensions.append(f"subjectAltName={','.join(request.names)}")
                self._request(request.name, request.subject, tuple(extensions), signed_by="ca")

    def _request(self, name: str, subject: str, extensions: tuple[str, ...], *, signed_by: str | None) -> None:
        # the certificate gets its name last: its existence says that the pair is complete
        scratch = self.directory / f".{name}.{os.getpid()}"
        issuer = ["-CA", str(self.certificate(signed_by)), "-CAkey", str(self.key(signed_by))] if signed_by else []
        request = ["req", "-x509", "-config", "/dev/stdin", "-subj", subject, "-days", _DAYS, *_NEW_KEY, *issuer]
        request += ["-keyout", str(self.key(name)), "-out", str(scratch)]
        _openssl(*request, *(word for extension in extensions for word in ("-addext", extension)))
        self.key(name).chmod(0o600)
        scratch.rename(self.certificate(name))


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], input=_CONFIGURATION, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalClusterError(f"cannot make a certificate with `openssl {arguments[0]}`: {done.stderr.strip()}")

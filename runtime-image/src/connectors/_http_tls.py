"""Certificates of one's own for HTTPS: mutual TLS, and servers that a private authority vouches for."""

import os
import ssl
from functools import lru_cache
from typing import Annotated

import httpx
from pydantic import BaseModel, Field, SecretStr

from connector_sdk import InputError, TemplateHint
from connectors._spelling import CAMEL

MOST_CONTEXTS = 64
PEM = TemplateHint(type="Text", feel="optional")


class ClientTls(BaseModel):
    """PEM texts; what is left out stays as the pod has it."""

    model_config = CAMEL

    client_certificate: Annotated[str | None, PEM] = Field(
        default=None, description="PEM, with its chain; the server asks for it", examples=["{{secrets.CLIENT_CERTIFICATE}}"]
    )
    client_private_key: Annotated[SecretStr | None, PEM] = Field(
        default=None, description="PEM, of the certificate", examples=["{{secrets.CLIENT_KEY}}"]
    )
    private_key_password: SecretStr | None = Field(default=None, description="Of a private key that is encrypted")
    trusted_certificate: Annotated[str | None, PEM] = Field(
        default=None,
        title="Trusted certificate authority",
        description="PEM; the only authority that may vouch for the server",
        examples=["{{secrets.CA_CERTIFICATE}}"],
    )

    def context(self) -> ssl.SSLContext | None:
        """What connections are opened with, the same for the same certificates; None when nothing is set."""
        key = self.client_private_key.get_secret_value() if self.client_private_key else ""
        password = self.private_key_password.get_secret_value() if self.private_key_password else ""
        certificate, authority = self.client_certificate or "", self.trusted_certificate or ""
        if not (certificate or key or authority):
            return None
        if bool(certificate) != bool(key):
            msg = "cannot use clientTls: clientCertificate and clientPrivateKey are needed together"
            raise InputError(msg)
        return _context(certificate, key, password, authority)


@lru_cache(MOST_CONTEXTS)
def _context(certificate: str, key: str, password: str, authority: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=authority) if authority else httpx.create_ssl_context()
        if certificate:
            _load(context, f"{certificate.strip()}\n{key.strip()}\n", password)
    except (ssl.SSLError, ValueError) as error:
        what = getattr(error, "reason", None) or "it is not PEM"
        msg = f"cannot use clientTls: {what}; check that certificate, key and password belong together"
        raise InputError(msg) from None
    return context


def _load(context: ssl.SSLContext, pem: str, password: str) -> None:
    """OpenSSL reads certificates from files only; this one is in memory and has no name."""
    with open(os.memfd_create("client-tls", os.MFD_CLOEXEC), "w") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(pem)
        file.flush()
        # Without a callback OpenSSL would ask the terminal for the password of an encrypted key.
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}", password=lambda: password)

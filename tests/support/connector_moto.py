"""A throw-away AWS: moto's server with S3, SQS, SNS, Lambda, DynamoDB, EventBridge and IAM, in a process of its own."""

import io
import json
import sys
import urllib.request
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
from connector_server import Server, running, scratch

from local_cluster.ports import free_ports

REGION, ACCOUNT = "eu-central-1", "123456789012"
ACCESS_KEY, SECRET_KEY = "AKIACANARY4711", "canary-aws-4711"
AUTHENTICATION = {"type": "credentials", "accessKey": "{{secrets.AWS_ACCESS_KEY}}", "secretKey": "{{secrets.AWS_SECRET_KEY}}"}


def access(region: str = REGION) -> dict[str, Any]:
    """The part of an input that says who and where."""
    return {"authentication": AUTHENTICATION, "configuration": {"region": region}}


def write_keys(folder: Path) -> Path:
    """A Connector's secrets, one file each."""
    folder.mkdir()
    (folder / "AWS_ACCESS_KEY").write_text(ACCESS_KEY)
    (folder / "AWS_SECRET_KEY").write_text(SECRET_KEY)
    return folder


@dataclass(frozen=True, slots=True)
class Moto:
    """Where it listens; it takes any keys until it is told not to."""

    address: str

    def client(self, service: str) -> Any:
        """AWS's own client, to look at what a connector did."""
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
        connect = cast("Any", boto3.client)  # made at run time
        return connect(service, region_name=REGION, endpoint_url=self.address, **keys)

    def forget(self) -> None:
        """Everything that was made, and take any keys again."""
        self._post("reset", b"")
        self._post("reset-auth", b"inf")

    def check_keys(self) -> None:
        """Refuse keys of nobody from now on."""
        self._post("reset-auth", b"0")

    def run_functions_as(self, payload: str) -> None:
        """What the next functions answer; they are not run, which needs containers."""
        self._post("config", json.dumps({"lambda": {"use_docker": False}}).encode())
        self._post("static/lambda-simple/response", json.dumps({"region": REGION, "results": [payload]}).encode())

    def make_function(self, name: str) -> None:
        """A function that can be called."""
        role = self.client("iam").create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("f.py", "def f(event, context): return event")
        code = {"ZipFile": packed.getvalue()}
        self.client("lambda").create_function(FunctionName=name, Runtime="python3.12", Role=role, Handler="f.f", Code=code)

    def _post(self, path: str, body: bytes) -> None:
        request = urllib.request.Request(f"{self.address}/moto-api/{path}", body, {"Content-Type": "text/plain"}, method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def moto_server() -> Generator[Moto]:
    """Run a server on a free loopback port."""
    (port,) = free_ports(1)
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with scratch("moto") as folder, running(folder, Server("moto", argv, [port])):
        yield Moto(f"http://127.0.0.1:{port}")

"""A throw-away RabbitMQ: Debian's server with home, cookie, ports and name service of its own, on loopback."""

import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector_server import Server, certificates, environment_of, program, running, scratch

from local_cluster.ports import free_ports

USER, PASSWORD = "shop", "canary-rmq-4711"
MESSAGE_BYTES = 100_000
"""The largest message that it takes."""


@dataclass(frozen=True, slots=True)
class RabbitMq:
    """Where it listens, and the certificate authority of its TLS port."""

    port: int
    tls_port: int
    authority: Path
    environment: Mapping[str, str]
    """Of its command line."""
    user: str = USER
    password: str = PASSWORD

    @property
    def uri(self) -> str:
        return f"amqp://{self.user}:{self.password}@127.0.0.1:{self.port}/%2F"

    def control(self, *arguments: str) -> None:
        """What an operator of the broker may do: a command of rabbitmqctl."""
        command = [program("/usr/lib/rabbitmq/bin/rabbitmqctl", "rabbitmq-server"), *arguments]
        subprocess.run(command, check=True, capture_output=True, env=dict(self.environment))


@contextmanager
def rabbitmq_server() -> Generator[RabbitMq]:
    """Run a server; RuntimeError says what to install where it is missing and cannot be had."""
    server = program("/usr/lib/rabbitmq/bin/rabbitmq-server", "rabbitmq-server")
    name_service = program("/usr/bin/epmd", "rabbitmq-server")
    with scratch("rabbitmq") as folder:
        port, tls_port, names_port, distribution_port = free_ports(4)
        authority = certificates(folder)
        (folder / "rabbitmq.conf").write_text(_configuration(port, tls_port, authority.directory))
        (folder / "plugins").write_text("[].")
        environment = _environment(folder, names_port, distribution_port)
        # Erlang would start a name service by itself, which stays when everybody else is gone.
        names = Server("epmd", [str(name_service), "-port", str(names_port), "-address", "127.0.0.1"], [names_port], patience=0)
        broker = Server("rabbitmq", [str(server)], [port, tls_port], environment)
        with running(folder, names), running(folder, broker):
            yield RabbitMq(port, tls_port, authority.certificate("ca"), environment_of(folder, environment))


def _configuration(port: int, tls_port: int, certificates: Path) -> str:
    return f"""\
listeners.tcp.1 = 127.0.0.1:{port}
listeners.ssl.1 = 127.0.0.1:{tls_port}
ssl_options.cacertfile = {certificates}/ca.crt
ssl_options.certfile = {certificates}/server.crt
ssl_options.keyfile = {certificates}/server.key
ssl_options.verify = verify_none
default_user = {USER}
default_pass = {PASSWORD}
loopback_users = none
num_acceptors.tcp = 2
log.console = true
max_message_size = {MESSAGE_BYTES}
disk_free_limit.absolute = 1MB
"""


def _environment(folder: Path, names_port: int, distribution_port: int) -> dict[str, str]:
    return {
        "RABBITMQ_CONF_ENV_FILE": str(folder / "no-such-file"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_NODENAME": f"test{distribution_port}@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
        "ERL_EPMD_PORT": str(names_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_CRASH_DUMP": "/dev/null",
    }

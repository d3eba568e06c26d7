"""A throw-away Kafka: one KRaft node of Apache's jars from Maven Central, on loopback, with a plain and a TLS listener."""

import os
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from connector_server import Server, certificates, environment_of, program, running, scratch

from local_cluster.cache import Cache, cache_root
from local_cluster.java import find_runtimes
from local_cluster.ports import free_ports
from local_cluster.versions import MAVEN_DEPENDENCY_PLUGIN

KAFKA, SCALA, OLDEST_JAVA = "4.1.1", "2.13", 17
USER, GUEST, PASSWORD = "shop", "guest", "canary-kafka-4711"
"""The guest may log in and do nothing."""
RECORD_BYTES = 100_000
"""The largest batch of records that it takes."""
_PROJECT = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_{SCALA}</artifactId><version>{KAFKA}</version></dependency>
  </dependencies>
</project>
"""


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where it listens: without login, with user and password over TLS as `localhost`, and where it lies about its address."""

    port: int
    tls_port: int
    lying_port: int
    authority: Path
    user: str = USER
    password: str = PASSWORD

    @property
    def plain(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def tls(self) -> str:
        return f"localhost:{self.tls_port}"

    async def make_topic(self, name: str) -> None:
        """A topic of one partition."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.plain)
        await admin.start()
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
        await admin.close()

    async def new_topic(self) -> str:
        """A topic of one partition that nobody else has."""
        name = f"topic-{uuid4().hex[:8]}"
        await self.make_topic(name)
        return name

    async def records(self, topic: str) -> list[Any]:
        """All that a topic of one partition holds."""
        place = TopicPartition(topic, 0)
        consumer: Any = AIOKafkaConsumer(bootstrap_servers=self.plain)  # its own types are partial
        await consumer.start()
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end = (await consumer.end_offsets([place]))[place]
        found = [await consumer.getone() for _ in range(end)]
        await consumer.stop()
        return found


@contextmanager
def kafka_server() -> Generator[Kafka]:
    """Run a server; RuntimeError says what to install where it is missing and cannot be had."""
    java = [str(_java()), "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{_jars()}/*"]
    with scratch("kafka") as folder:
        ports = free_ports(4)
        port, tls_port, lying_port, _ = ports
        authority = certificates(folder)
        pair = (authority.key("server"), authority.certificate("server"), authority.certificate("ca"))
        (folder / "server.pem").write_text("".join(file.read_text() for file in pair))
        configuration = folder / "server.properties"
        configuration.write_text(_configuration(folder, ports))
        _format(java, configuration)
        broker = Server("kafka", [*java, "kafka.Kafka", str(configuration)], [port, tls_port, lying_port], patience=5.0)
        with running(folder, broker):
            yield Kafka(port, tls_port, lying_port, authority.certificate("ca"))


def _java() -> Path:
    found = [java for java in find_runtimes(os.environ) if java.version >= OLDEST_JAVA]
    return found[0].command if found else program("/usr/lib/jvm/*/bin/java", "openjdk-17-jre-headless")


def _jars() -> Path:
    return Cache(cache_root(os.environ)).obtain(f"kafka/{KAFKA}", _fetch)


def _fetch(folder: Path) -> None:
    if shutil.which("mvn") is None:
        program("/usr/bin/mvn", "maven")
    project = folder / "pom.xml"
    project.write_text(_PROJECT)
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{MAVEN_DEPENDENCY_PLUGIN}"
    goal = [f"{plugin}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    done = subprocess.run(
        ["mvn", "-B", "-ntp", "-q", "--strict-checksums", "-f", str(project), *goal], capture_output=True, text=True, check=False
    )
    if done.returncode:
        msg = f"cannot fetch Kafka {KAFKA} with Maven: {done.stdout.strip()[-1000:]}"
        raise RuntimeError(msg)


def _configuration(folder: Path, ports: Sequence[int]) -> str:
    port, tls_port, lying_port, control_port = ports
    login = (
        f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}" user_{GUEST}="{PASSWORD}";'
    )
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{control_port}
controller.listener.names=CONTROLLER
listeners=PLAIN://127.0.0.1:{port},SAFE://127.0.0.1:{tls_port},LYING://127.0.0.1:{lying_port},CONTROLLER://127.0.0.1:{control_port}
advertised.listeners=PLAIN://127.0.0.1:{port},SAFE://localhost:{tls_port},LYING://169.254.169.254:9092
listener.security.protocol.map=PLAIN:PLAINTEXT,SAFE:SASL_SSL,LYING:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
listener.name.safe.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.safe.plain.sasl.jaas.config={login}
listener.name.safe.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{USER}
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
log.dirs={folder}/data
num.partitions=1
auto.create.topics.enable=false
offsets.topic.replication.factor=1
message.max.bytes={RECORD_BYTES}
group.initial.rebalance.delay.ms=0
"""


def _format(java: Sequence[str], configuration: Path) -> None:
    """What makes an empty folder the storage of a cluster, with a user of its own."""
    scram = f"SCRAM-SHA-256=[name={USER},password={PASSWORD}]"
    arguments = ["format", "--cluster-id", "Y29ubmVjdG9yLXRlc3Rz", "--config", str(configuration), "--add-scram", scram]
    done = subprocess.run(
        [*java, "kafka.tools.StorageTool", *arguments], capture_output=True, text=True, check=False,
        env=environment_of(configuration.parent, {}),
    )  # fmt: skip
    if done.returncode:
        msg = f"cannot make Kafka's storage: {(done.stdout + done.stderr).strip()[-1000:]}"
        raise RuntimeError(msg)

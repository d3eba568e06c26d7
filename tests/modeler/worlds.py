"""The worlds of the connectors that speak to a server: each started on this machine, filled, and how a person addresses it."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aio_pika
import pytest
from connector_azurite import azurite_server
from connector_gcs import gcs_server, service_account_key
from connector_kafka import kafka_server
from connector_mail import PASSWORD, mailboxes, smtp_server
from connector_mariadb import mariadb_server
from connector_moto import ACCESS_KEY, REGION, SECRET_KEY, Moto, moto_server
from connector_postgres import postgres_server
from connector_rabbitmq import rabbitmq_server
from connector_services import tls_of
from connector_soap import ORDERS, SoapShop
from modeler_parts import MissingPartError
from modeler_samples import Scene
from recording_server import RecordingServer

from local_cluster.certificates import CertificateAuthority

Scenes = Mapping[str, Scene]
"""By the name of the built-in connector."""
World = Callable[[RecordingServer, Path], AbstractAsyncContextManager[Scenes]]
"""Given the server of all that speaks plain HTTP, and a folder."""
FILE, OLD_FILE, CONTENT = "2026/4711.pdf", "2025/4711.pdf", b"%PDF"


@asynccontextmanager
async def worlds(wanted: Collection[str], server: RecordingServer, folder: Path) -> AsyncGenerator[Scenes]:
    """The scenes of the wanted connectors, as far as they need a server; raises `MissingPartError`."""
    scenes: dict[str, Scene] = {}
    async with AsyncExitStack() as stack:
        for names, world in WORLDS.items():
            if set(names) & set(wanted):
                try:
                    scenes |= await stack.enter_async_context(world(server, folder))
                except RuntimeError as error:
                    raise MissingPartError(str(error)) from error
        yield scenes


@asynccontextmanager
async def _aws(_: RecordingServer, __: Path) -> AsyncGenerator[Scenes]:
    where = {"configuration.endpoint": "", "configuration.region": REGION}
    with moto_server() as moto, pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)  # the first link of AWS's chain
        environment.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        where["configuration.endpoint"] = moto.address
        _fill_bucket(moto)
        moto.run_functions_as('{"found": true}')
        moto.make_function("check-order")
        yield {
            "aws-dynamodb": _tables(moto, where),
            "aws-eventbridge": Scene(where, secrets={"AWS_ACCESS_KEY": ACCESS_KEY, "AWS_SECRET_KEY": SECRET_KEY}),
            "aws-lambda": Scene(where),
            "aws-s3": Scene(
                {**where, "action.document": "=invoice", "action.key": FILE},
                where={"deleteObject": {"action.key": OLD_FILE}},
            ),
            "aws-sns": _topics(moto, where),
            "aws-sqs": _queues(moto, where),
        }


def _fill_bucket(moto: Moto) -> None:
    store = moto.client("s3")
    store.create_bucket(Bucket="orders", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in (FILE, OLD_FILE):
        store.put_object(Bucket="orders", Key=key, Body=CONTENT, ContentType="application/pdf")


def _tables(moto: Moto, where: Mapping[str, str]) -> Scene:
    database = moto.client("dynamodb")
    for table in ("orders", "old"):
        database.create_table(
            TableName=table, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
        )  # fmt: skip
    database.put_item(TableName="orders", Item={"id": {"S": "4711"}, "price": {"N": "5"}})
    key = {"input.primaryKeyComponents": "={id: orderId}"}
    return Scene(
        {**where, **key, "input.filterExpression": "#n > :least", "input.expressionAttributeNames": '={"#n": "price"}'},
        where={
            "createTable": {"input.tableName": "new", "input.partitionKey": "id", "input.sortKey": "item"},
            "deleteTable": {"input.tableName": "old"},
            "updateItem": {"input.keyAttributes": "={price: 6}"},
        },
        # no table has its keys the other way round
        away={"input.partitionKeyRole": frozenset(["RANGE"]), "input.sortKeyRole": frozenset(["HASH"])},
    )


def _topics(moto: Moto, where: Mapping[str, str]) -> Scene:
    topics = moto.client("sns")
    plain = topics.create_topic(Name="orders")["TopicArn"]
    ordered = topics.create_topic(Name="orders.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    return Scene(
        {**where, "topic.topicArn": plain, "topic.message": "={orderId: orderId}"},
        where={"fifo": {"topic.topicArn": ordered, "topic.messageGroupId": "orders"}},
    )


def _queues(moto: Moto, where: Mapping[str, str]) -> Scene:
    queues = moto.client("sqs")
    plain = queues.create_queue(QueueName="orders")["QueueUrl"]
    ordered = queues.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return Scene(
        {**where, "queue.url": plain, "queue.messageBody": "={orderId: orderId}"},
        where={"fifo": {"queue.url": ordered, "queue.messageGroupId": "orders"}},
    )


@asynccontextmanager
async def _azure(_: RecordingServer, __: Path) -> AsyncGenerator[Scenes]:
    with azurite_server() as azurite:
        azurite.container("orders").upload_blob(FILE, CONTENT)
        typed = {
            "authentication.SASUrl": f"{azurite.address}/orders",
            "authentication.SASToken": "{{secrets.AZURE_SAS_TOKEN}}",
            "operation.fileName": FILE,
        }
        secrets = {"AZURE_SAS_TOKEN": azurite.token("orders")}
        away = {"authentication.type": frozenset(["oAuth-client-credentials-flow"])}  # Azurite takes such tokens with TLS only
        yield {"azure-blobstorage": Scene({**typed, "operation.document": "=invoice"}, away=away, secrets=secrets)}


@asynccontextmanager
async def _google(server: RecordingServer, _: Path) -> AsyncGenerator[Scenes]:
    with gcs_server() as store:
        store.make_bucket("orders")
        store.put("orders", FILE, CONTENT, "application/pdf")
        yield {
            "google-gcs": Scene(
                {"operation.fileName": FILE, "operation.document": "=invoice"},
                settings={"baseUrl": store.address},
                secrets={"GOOGLE_SERVICE_ACCOUNT_KEY": service_account_key(server.base("http"))},
            )
        }


@asynccontextmanager
async def _kafka(server: RecordingServer, _: Path) -> AsyncGenerator[Scenes]:
    with kafka_server() as kafka:
        await kafka.make_topic("orders")
        trust = '{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": "{{secrets.CA}}"}'
        typed = {
            "authentication.username": kafka.user,
            "authentication.password": "{{secrets.KAFKA_PASSWORD}}",
            "topic.bootstrapServers": kafka.tls,
            "additionalProperties": trust,
            "schemaStrategy.schemaRegistryUrl": server.base("registry"),
        }
        by_schema = {"message.value": "={id: 4711}"}
        secrets = {"KAFKA_PASSWORD": kafka.password, "CA": kafka.authority.read_text()}
        yield {"kafka": Scene(typed, where={"inlineSchema": by_schema, "schemaRegistry": by_schema}, secrets=secrets)}


@asynccontextmanager
async def _rabbitmq(_: RecordingServer, __: Path) -> AsyncGenerator[Scenes]:
    with rabbitmq_server() as broker:
        async with await aio_pika.connect(broker.uri) as connection:
            await (await connection.channel()).declare_exchange("orders", "topic", durable=True)
        typed = {
            "authentication.userName": broker.user,
            "authentication.uri": broker.uri.replace(broker.password, "{{secrets.RABBITMQ_PASSWORD}}"),
            "routing.virtualHost": "/",
            "routing.hostName": "127.0.0.1",
            "routing.port": str(broker.port),
        }
        yield {"rabbitmq": Scene(typed, secrets={"RABBITMQ_PASSWORD": broker.password})}


@asynccontextmanager
async def _mail(_: RecordingServer, __: Path) -> AsyncGenerator[Scenes]:
    with contextlib.ExitStack() as stack:
        boxes = stack.enter_context(mailboxes())
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("SSL_CERT_FILE", str(boxes.authority))
        for number in range(1, 6):
            boxes.deliver("shop@example.com", _letter(number), datetime(2026, 1, number, tzinfo=UTC))
        tls = tls_of(CertificateAuthority(boxes.authority.parent))
        later = stack.enter_context(smtp_server(tls, asks_for_login=False))
        at_once = stack.enter_context(smtp_server(tls, from_the_first_byte=True, asks_for_login=False))
        typed = {f"data.{name}Config.{name}Host": "localhost" for name in ("smtp", "imap", "pop3")}
        plain = {"smtp": later.port, "imap": boxes.imap, "pop3": boxes.pop3}
        yield {
            "email": Scene(
                {**typed, **_ports(plain)},
                where={
                    "SSL": _ports({"smtp": at_once.port, "imap": boxes.imaps, "pop3": boxes.pop3s}),
                    "readEmailImap": {"data.imapAction.messageId": "<1@example.com>"},
                    "deleteEmailImap": {"data.imapAction.messageId": "<2@example.com>"},
                    "moveEmailImap": {"data.imapAction.messageId": "<3@example.com>"},
                    "readEmailPop3": {"data.pop3Action.messageId": "<4@example.com>"},
                    "deleteEmailPop3": {"data.pop3Action.messageId": "<5@example.com>"},
                },
                # who does not log in may send and nothing else; the proof makes this choice beside IMAP
                away={"authentication.type": frozenset(["noAuth"])},
                secrets={"MAIL_PASSWORD": PASSWORD},
            )
        }


def _letter(number: int) -> EmailMessage:
    letter = EmailMessage()
    letter["Message-ID"], letter["From"], letter["Subject"] = f"<{number}@example.com>", "ada@example.com", f"order {number}"
    letter["Date"] = datetime(2026, 1, number, tzinfo=UTC)
    letter.set_content("Where is it?")
    return letter


def _ports(ports: Mapping[str, int]) -> dict[str, str]:
    return {f"data.{name}Config.{name}Port": str(port) for name, port in ports.items()}


@asynccontextmanager
async def _soap(_: RecordingServer, __: Path) -> AsyncGenerator[Scenes]:
    async with SoapShop().running() as shop:
        typed = {"body.json": '={"o:check": {"o:id": orderId}}', "namespaces": f'={{o: "{ORDERS}"}}'}
        yield {"soap": Scene({"serviceUrl": shop.address, **typed})}


@asynccontextmanager
async def _sql(_: RecordingServer, folder: Path) -> AsyncGenerator[Scenes]:
    with postgres_server() as postgres, mariadb_server() as maria:
        shop = {"connection.username": maria.user, "connection.databaseName": "shop", **_address("mariadb", maria.port, "shop")}
        yield {
            "sql": Scene(
                {
                    "connection.host": "127.0.0.1",
                    "connection.properties": '{sslmode: "disable"}',
                    "data.query": "SELECT 1 AS one WHERE 1 = :one",
                    "data.variables": "{one: 1}",
                },
                chosen={"connection.authType": "uri"},
                where={
                    "POSTGRESQL": {
                        "connection.username": "postgres",
                        "connection.password": "{{secrets.POSTGRES}}",
                        "connection.databaseName": "postgres",
                        **_address("postgresql", postgres.port, "postgres"),
                        "connection.uriProperties": '{user: "postgres", password: "{{secrets.POSTGRES}}", sslmode: "disable"}',
                    },
                    "MARIADB": shop,
                    "MYSQL": shop | _address("mysql", maria.port, "shop"),
                    "SQLITE": {
                        "connection.uri": f"jdbc:sqlite:{folder / 'shop.sqlite'}",
                        "connection.uriProperties": "{}",
                        "connection.databaseName": str(folder / "shop.sqlite"),
                    },
                },
                away={"database": frozenset(["MSSQL", "ORACLE"])},
                secrets={"POSTGRES": postgres.password, "SHOP_DB": maria.password},
            )
        }


def _address(kind: str, port: int, database: str) -> dict[str, str]:
    """For those who type it in one, and for those who type it in parts."""
    properties = '{user: "shop", password: "{{secrets.SHOP_DB}}", sslmode: "disable"}'
    return {
        "connection.uri": f"jdbc:{kind}://127.0.0.1:{port}/{database}",
        "connection.port": str(port),
        "connection.uriProperties": properties,
    }


WORLDS: Mapping[tuple[str, ...], World] = {
    ("aws-dynamodb", "aws-eventbridge", "aws-lambda", "aws-s3", "aws-sns", "aws-sqs"): _aws,
    ("azure-blobstorage",): _azure,
    ("google-gcs",): _google,
    ("kafka",): _kafka,
    ("rabbitmq",): _rabbitmq,
    ("email",): _mail,
    ("soap",): _soap,
    ("sql",): _sql,
}
"""By the connectors whose world it is."""

"""Kafka and RabbitMQ: a small message each, confirmed by a real broker."""

import aio_pika
from bench_row import Load, Row, measured
from connector_kafka import kafka_server
from connector_rabbitmq import rabbitmq_server

BODY = {"order": 7, "note": "x" * 200}


async def kafka() -> Row:
    """Records that all replicas have acknowledged."""
    with kafka_server() as server:
        await server.make_topic("bench")
        topic = {"bootstrapServers": server.plain, "topicName": "bench"}
        variables = {"topic": topic, "message": {"key": "k", "value": BODY}}
        return await measured(Load("Kafka", "kafka", "io.camunda:connector-kafka:1", variables))


async def rabbitmq() -> Row:
    """Persistent messages into a queue that keeps the newest thousand."""
    with rabbitmq_server() as server:
        async with await aio_pika.connect(server.uri) as connection:
            channel = await connection.channel()
            queue = await channel.declare_queue("bench", arguments={"x-max-length": 1000})
            await queue.bind("amq.topic", "bench")
        variables = {
            "authentication": {"authType": "uri", "uri": server.uri},
            "routing": {"exchange": "amq.topic", "routingKey": "bench"},
            "message": {"body": BODY},
        }
        return await measured(Load("RabbitMQ", "rabbitmq", "io.camunda:connector-rabbitmq:1", variables))

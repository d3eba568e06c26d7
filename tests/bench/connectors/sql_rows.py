"""SQL: one row by its key from a real PostgreSQL."""

from bench_row import Load, Row, measured
from connector_postgres import postgres_server


async def sql() -> Row:
    """A statement with a bound value, and its row as the result."""
    with postgres_server() as server:
        variables = {
            "database": "POSTGRESQL",
            "connection": {
                "authType": "detailed", "host": "127.0.0.1", "port": server.port, "databaseName": "postgres",
                "username": "postgres", "password": server.password,
            },
            "data": {
                "query": "SELECT oid, typname FROM pg_type WHERE typname = :name", "variables": {"name": "int4"},
                "returnResults": True,
            },
        }  # fmt: skip
        return await measured(Load("SQL, PostgreSQL", "sql", "io.camunda:connector-jdbc:1", variables))

"""Queries become statements whose literals, names and comments mean what they meant before, whatever stands in them."""

from collections.abc import Iterator

import pytest
from connector_mariadb import MariaDb
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from connectors._sql_statement import statement

TROUBLE = st.text(alphabet="\\':\"?<>`$%#-/* abE1{}\n", max_size=20)
EXAMPLES = settings(max_examples=300, deadline=None)


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def mariadb(mariadb_process: MariaDb) -> Iterator[Connection]:
    server = mariadb_process
    engine = create_engine(f"mysql+pymysql://{server.user}:{server.password}@127.0.0.1:{server.port}/shop?charset=utf8mb4")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@EXAMPLES
@given(literal=TROUBLE, value=TROUBLE)
def test_standard_literals_stay_themselves_beside_values(sqlite: Connection, literal: str, value: str):
    quoted = literal.replace("'", "''")
    query = statement(
        f'SELECT \'{quoted}\', :value, "x" FROM (SELECT 1 AS "x") /* \'{literal.replace("*/", "")} */', {"value": value}
    )
    assert tuple(sqlite.execute(query).one()) == (literal, value, 1)


@EXAMPLES
@given(literal=TROUBLE, value=TROUBLE)
def test_literals_of_mysql_stay_themselves_beside_values(mariadb: Connection, literal: str, value: str):
    quoted = literal.replace("\\", "\\\\")
    one, two = quoted.replace("'", "\\'"), quoted.replace('"', '""')
    query = statement(f"SELECT '{one}', ?, \"{two}\" # '?", [value], is_mysql=True)
    assert tuple(mariadb.execute(query).one()) == (literal, value, literal)

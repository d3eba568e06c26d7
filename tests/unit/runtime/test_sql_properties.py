"""Connection properties of JDBC drivers mean here what they mean there, or are refused."""

import pytest

from connector_sdk import InputError
from connectors._sql_properties import Properties, Tls, properties_of


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({}, Properties()),
        ({"useSSL": "false", "requireSSL": "false"}, Properties()),
        ({"useSSL": "false", "sslMode": "VERIFY_IDENTITY"}, Properties(tls=Tls.FULL)),
        ({"connectTimeout": "1500"}, Properties(connect_seconds=1.5)),
        ({"connectTimeout": "0", "socketTimeout": "0"}, Properties(connect_seconds=30)),
        ({"socketTimeout": "2500"}, Properties(answer_seconds=2.5)),
        ({"serverTimezone": "UTC", "useUnicode": "true", "characterEncoding": "UTF-8"}, Properties(time_zone="+00:00")),
        ({"connectionTimeZone": "Europe/Berlin"}, Properties(time_zone="Europe/Berlin")),
        ({"connectionTimeZone": "LOCAL", "allowPublicKeyRetrieval": "True"}, Properties()),
    ],
)
def test_those_of_mysql(given: dict[str, str], meant: Properties):
    assert properties_of(given, is_mysql=True) == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"sslmode": "verify-ca", "currentSchema": "shop"}, Properties(tls=Tls.AUTHORITY, schema="shop")),
        ({"ApplicationName": "orders", "loginTimeout": "5"}, Properties(application="orders", connect_seconds=5)),
        ({"connectTimeout": "86400"}, Properties(connect_seconds=30)),
    ],
)
def test_those_of_postgresql(given: dict[str, str], meant: Properties):
    assert properties_of(given, is_mysql=False) == meant


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"tcpKeepAlive": "true"}, "'tcpKeepAlive': this connector knows user, password, sslmode"),
        ({"currentSchema": "shop"}, "'currentSchema': this connector knows"),
        ({"allowPublicKeyRetrieval": "false"}, "'allowPublicKeyRetrieval': it is always true here"),
        ({"characterEncoding": "latin1"}, "'characterEncoding': it is always utf8 here"),
        ({"connectTimeout": "soon"}, "'connectTimeout': it must be a whole number"),
        ({"serverTimezone": "x'; DROP TABLE people"}, "'serverTimezone': write a time zone"),
    ],
)
def test_one_that_would_do_nothing_is_refused_with_its_name(given: dict[str, str], reason: str):
    with pytest.raises(InputError, match=reason):
        properties_of(given, is_mysql=True)

"""What the audit lists: each kind where it lives."""

from connector_operator.domain.objects import CONFIG_MAP, NAMESPACE
from connector_operator.engine.audit import Scope


def test_a_kind_that_is_in_no_namespace_is_listed_once_however_few_namespaces_are_watched() -> None:
    assert Scope((CONFIG_MAP, NAMESPACE), ("a", "b")).places() == [(CONFIG_MAP, "a"), (CONFIG_MAP, "b"), (NAMESPACE, "")]


def test_without_namespaces_every_kind_is_listed_everywhere() -> None:
    assert Scope((CONFIG_MAP, NAMESPACE)).places() == [(CONFIG_MAP, ""), (NAMESPACE, "")]

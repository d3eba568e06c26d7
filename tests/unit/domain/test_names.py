"""Every name fits where it goes, and no two things share one."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector_operator.domain import names

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")

resource_names = st.from_regex(r"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
digests = st.from_regex(r"\A[0-9a-f]{10}\Z")

CHILDREN: dict[str, Callable[[str], str]] = {
    "worker": names.worker,
    "metrics": names.metrics_service,
    "accepted": names.accepted,
    "catalogue": names.catalogue,
    "config": lambda runtime: names.config(runtime, "0123456789"),
    "source": lambda runtime: names.source_copy(runtime, "0123456789"),
}
VOLUMES: dict[str, Callable[[str], str]] = {"source": names.source_volume, "secrets": names.secrets_volume}


@pytest.mark.parametrize("child", CHILDREN)
@given(resource_names)
def test_a_childs_name_leaves_room_for_what_controllers_append(child: str, runtime: str) -> None:
    name = CHILDREN[child](runtime)
    assert len(name) <= names.MAX_CHILD
    assert LABEL.fullmatch(name)


@given(resource_names)
def test_a_services_name_begins_with_a_letter(runtime: str) -> None:
    assert SERVICE.fullmatch(names.metrics_service(runtime))


@pytest.mark.parametrize("child", CHILDREN)
@given(st.sets(resource_names, min_size=2, max_size=20))
def test_children_of_different_runtimes_have_different_names(child: str, runtimes: set[str]) -> None:
    assert len({CHILDREN[child](runtime) for runtime in runtimes}) == len(runtimes)


@pytest.mark.parametrize("child", CHILDREN)
def test_long_names_that_differ_only_at_their_end_stay_apart(child: str) -> None:
    assert CHILDREN[child]("a" * 62 + "1") != CHILDREN[child]("a" * 62 + "2")


@pytest.mark.parametrize("child", CHILDREN)
def test_a_short_name_is_kept_and_a_long_one_shows_its_beginning(child: str) -> None:
    assert CHILDREN[child]("shop").startswith("shop-")
    assert CHILDREN[child]("warehouse-" * 6).startswith("warehouse-")


def test_a_runtime_that_begins_with_a_digit_does_not_take_its_neighbours_service() -> None:
    assert names.metrics_service("1") != names.metrics_service("r-1")


@given(resource_names)
def test_the_children_of_one_runtime_have_different_names(runtime: str) -> None:
    found = [CHILDREN[child](runtime) for child in ("accepted", "catalogue", "config", "source")]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("volume", VOLUMES)
@given(resource_names)
def test_a_volumes_name_is_a_label(volume: str, connector: str) -> None:
    assert LABEL.fullmatch(VOLUMES[volume](connector))


@given(st.sets(resource_names, min_size=2, max_size=20))
def test_no_two_volumes_of_a_pod_share_a_name(connectors: set[str]) -> None:
    found = [name(connector) for connector in connectors for name in VOLUMES.values()]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("template_id", "key"),
    [
        ("http-json", "http-json-v1.json"),
        ("acme.io:crm-lookup:1", "acme.io_3acrm-lookup_3a1-v1.json"),
        ("a_b", "a_5fb-v1.json"),
        ("a/../b", "a_2f.._2fb-v1.json"),
        ("ü", "_c3_bc-v1.json"),
    ],
)
def test_a_template_key_shows_the_id(template_id: str, key: str) -> None:
    assert names.template_key(template_id, 1) == key


ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
versions = st.integers(min_value=0, max_value=2**53 - 1)


@given(ids, versions)
def test_a_template_key_is_a_data_key(template_id: str, version: int) -> None:
    assert DATA_KEY.fullmatch(names.template_key(template_id, version))


@given(st.sets(st.tuples(st.one_of(ids, st.text("a_:-v1", min_size=1, max_size=4)), st.integers(0, 30)), min_size=2, max_size=20))
def test_no_two_templates_share_a_key(templates: set[tuple[str, int]]) -> None:
    assert len({names.template_key(*template) for template in templates}) == len(templates)


def test_ids_that_are_too_long_for_a_key_stay_apart() -> None:
    assert names.template_key(":" * 199 + "a", 1) != names.template_key(":" * 199 + "b", 1)


def test_paths_of_a_connector_lie_where_the_contract_says() -> None:
    assert names.source_path("crm") == "/opt/connectors/crm"
    assert names.secrets_path("crm") == "/var/run/secrets/connectors/crm"


@given(st.binary(max_size=50))
def test_a_digest_is_ten_hexadecimal_digits(content: bytes) -> None:
    assert re.fullmatch("[0-9a-f]{10}", names.digest(content))

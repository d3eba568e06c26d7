"""What is found missing before the operator starts."""

import pytest
from kube_fake import KubeFake

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.cluster.permissions import PERMISSIONS
from connector_operator.domain.objects import NAMESPACE, WATCHED_KINDS
from connector_operator.engine.startup import missing_parts, watchable_kinds


@pytest.fixture
def fake():
    return KubeFake()


async def test_where_all_is_there_nothing_is_missing(fake):
    assert await missing_parts(fake, WATCHED_KINDS, ()) == []


async def test_each_kind_that_is_not_served_is_one_sentence_that_says_what_to_do(fake):
    fake.unserved |= {CONNECTOR, CONNECTOR_RUNTIME}
    fake.denied.add(("list", "connectors"))
    sentences = await missing_parts(fake, WATCHED_KINDS, ())
    assert len(sentences) == 2
    assert all("CustomResourceDefinitions in crds/" in sentence for sentence in sentences)


async def test_each_verb_that_is_denied_is_one_sentence(fake):
    fake.denied |= {("watch", "pods"), ("patch", "connectors/status"), ("create", "events")}
    sentences = await missing_parts(fake, WATCHED_KINDS, ())
    assert len(sentences) == 3
    assert any(sentence.startswith('cannot watch pods (group "") in the whole cluster') for sentence in sentences)
    assert any(sentence.startswith("cannot patch connectors/status (group connectors.camunda.io)") for sentence in sentences)


async def test_every_permission_that_is_used_is_asked_for(fake):
    asked = set()

    async def deny(verb, kind, *, subresource="", namespace=""):
        asked.add((verb, kind, subresource, namespace))
        return True

    fake_api = Asking(fake, deny)
    await missing_parts(fake_api, WATCHED_KINDS, ())
    assert asked == {(verb, one.kind, one.subresource, "") for one in PERMISSIONS for verb in one.verbs}


class Asking:
    """A `KubeApi` whose permissions are asked of a given function."""

    def __init__(self, fake, can_i):
        self.serves, self.can_i = fake.serves, can_i


async def test_with_roles_only_each_namespace_is_asked_for(fake):
    kinds = tuple(kind for kind in WATCHED_KINDS if kind.namespaced)
    fake.denied.add(("patch", "services"))
    sentences = await missing_parts(fake, kinds, ("shop", "bank"))
    assert len(sentences) == 2
    assert "in namespace 'shop'" in sentences[0]


async def test_with_roles_only_cluster_wide_kinds_are_watched_when_that_is_allowed(fake):
    assert set(await watchable_kinds(fake, ("shop",))) == set(WATCHED_KINDS)
    fake.denied |= {("list", "namespaces"), ("watch", "connectorpolicies")}
    kinds = await watchable_kinds(fake, ("shop",))
    assert NAMESPACE not in kinds
    assert CONNECTOR_POLICY not in kinds
    assert CONNECTOR in kinds


async def test_an_operator_of_the_whole_cluster_watches_every_kind_whatever_it_may(fake):
    fake.denied.add(("list", "namespaces"))
    assert await watchable_kinds(fake, ()) == WATCHED_KINDS


def test_no_permission_names_secrets():
    assert not [one for one in PERMISSIONS if one.kind.plural == "secrets"]

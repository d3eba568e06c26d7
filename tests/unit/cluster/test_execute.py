"""What a plan says is new is made where nothing is; what is there already is judged first."""

import pytest
from kube_fake import KubeFake

from connector_operator.api.conditions import Reason
from connector_operator.cluster.execute import Owner, execute
from connector_operator.cluster.port import ApiConflict, ApiUnavailable
from connector_operator.domain.objects import CONFIG_MAP, ref_of
from connector_operator.domain.plan import Apply, Plan

OWNER = Owner("uid-of-shop", "shop")


def _settings(*, owner=OWNER, **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "shop-accepted",
            "namespace": "default",
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConnectorRuntime", "name": owner.name, "uid": owner.uid}],
        },
        "data": data,
    }


REF = ref_of(_settings())
PLAN = Plan((Apply(_settings(ours="1"), "create"),), ())


@pytest.fixture
def kube():
    return KubeFake()


def _data(kube):
    return kube.objects[REF]["data"]


async def test_what_is_new_takes_one_call(kube):
    kube.fail_next("get", CONFIG_MAP, ApiUnavailable("get", REF))
    done = await execute(kube, PLAN, OWNER)
    assert (done.problem, kube.writes) == (None, [("apply", REF)])


async def test_what_is_ours_and_was_not_known_is_applied(kube):
    kube.put(_settings(ours="0"))
    done = await execute(kube, PLAN, OWNER)
    assert done.by_ref == {REF: kube.objects[REF]}
    assert _data(kube) == {"ours": "1"}


@pytest.mark.parametrize("owner", [Owner("uid-of-other", "other"), None], ids=["another runtime", "nobody"])
async def test_somebody_elses_object_stays_as_it_is(kube, owner):
    theirs = _settings(owner=owner or OWNER, theirs="1")
    if owner is None:
        del theirs["metadata"]["ownerReferences"]
    kube.put(theirs)
    done = await execute(kube, PLAN, OWNER)
    assert done.problem.reason is Reason.NOT_OWNED
    assert (_data(kube), kube.writes) == ({"theirs": "1"}, [])


async def test_an_object_of_an_earlier_runtime_of_the_name_is_waited_for(kube):
    kube.put(_settings(owner=Owner("uid-of-its-predecessor", "shop"), theirs="1"))
    done = await execute(kube, PLAN, OWNER)
    assert "is being removed" in done.awaited
    assert (_data(kube), kube.writes) == ({"theirs": "1"}, [])


async def test_what_vanishes_between_conflict_and_look_is_left_to_the_next_visit(kube):
    kube.fail_next("apply", CONFIG_MAP, ApiConflict("apply", REF, status=409))
    with pytest.raises(ApiConflict):
        await execute(kube, PLAN, OWNER)
    assert kube.objects == {}

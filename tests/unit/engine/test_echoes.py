"""What the operator wrote itself comes back as a watch event: that one wakes nobody, every other one does."""

import kube_objects as make
import pytest
from recording_queue import RecordingQueue

from connector_operator.domain.objects import ref_of
from connector_operator.domain.snapshot import Key
from connector_operator.engine.echoes import Echoes
from connector_operator.engine.intake import Intake
from connector_operator.engine.store import Store

MAIN = Key("ConnectorRuntime", "shop", "main")
WRITTEN = make.deployment("main")


class Operator:
    """The way in of one operator, without anything that reconciles."""

    def __init__(self):
        self.store, self.queue, self.echoes = Store(), RecordingQueue(), Echoes()
        self.intake = Intake(self.store, self.queue, self.echoes)
        self.intake.begin()


@pytest.fixture
def operator():
    return Operator()


def test_the_event_of_what_was_applied_is_kept_and_wakes_nobody(operator):
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("ADDED", WRITTEN)
    assert operator.queue.added == set()
    assert operator.store.get(ref_of(WRITTEN)) is not None


def test_what_somebody_made_of_it_wakes_its_runtime(operator):
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("ADDED", WRITTEN)
    operator.intake.observe("MODIFIED", make.changed(WRITTEN, spec={"replicas": 7}))
    assert operator.queue.added == {MAIN}


def test_an_event_that_tells_of_two_changes_at_once_is_no_echo(operator):
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("ADDED", make.changed(WRITTEN, spec={"replicas": 7}))
    assert operator.queue.added == {MAIN}


def test_an_object_of_the_same_name_that_another_made_is_no_echo(operator):
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("ADDED", make.changed(WRITTEN, uid="reborn"))
    assert operator.queue.added == {MAIN}


def test_the_end_of_what_was_applied_wakes_its_runtime(operator):
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("ADDED", WRITTEN)
    operator.intake.observe("DELETED", WRITTEN)
    assert operator.queue.added == {MAIN}


def test_what_is_expected_of_an_object_ends_with_it(operator):
    operator.intake.observe("ADDED", WRITTEN)
    operator.echoes.expect(WRITTEN)
    operator.intake.observe("DELETED", WRITTEN)
    assert not operator.echoes.is_echo(WRITTEN)

"""An operator that ends in the middle of its writes, and a look at the whole cluster that two runs can be compared by."""

from dataclasses import dataclass, field
from typing import Any

from kube_fake import KubeFake
from scenario_world import World
from timeless import without

from connector_operator.domain.objects import Manifest, Object, ObjectRef

_OF_THE_MOMENT = frozenset({"uid", "resourceVersion", "creationTimestamp", "lastTransitionTime", "managedFields", "generation"})


class Crash(BaseException):
    """The process is gone: nobody catches this but the test."""


@dataclass(slots=True)
class CrashingKube(KubeFake):
    """Ends the operator at its write number `crash_at` (from 0): before the write, or after it is committed."""

    crash_at: int | None = None
    after_commit: bool = False
    _attempts: int = field(default=0)

    async def apply(self, manifest: Manifest) -> Object:
        self._crash(committed=False)
        answer = await KubeFake.apply(self, manifest)
        self._crash(committed=True)
        return answer

    async def apply_status(self, ref: ObjectRef, *, uid: str, status: Any) -> Object:
        self._crash(committed=False)
        answer = await KubeFake.apply_status(self, ref, uid=uid, status=status)
        self._crash(committed=True)
        return answer

    async def delete(self, ref: ObjectRef, *, uid: str) -> None:
        self._crash(committed=False)
        await KubeFake.delete(self, ref, uid=uid)
        self._crash(committed=True)

    def _crash(self, *, committed: bool) -> None:
        mine = self._attempts == self.crash_at and committed == self.after_commit
        self._attempts += committed
        if mine:
            self.crash_at = None
            raise Crash


async def settle_through_crashes(world: World) -> bool:
    """Settle; start a new operator when one ends. Whether one did."""
    try:
        await world.settle()
    except Crash:
        world.restart()
        await world.settle()
        return True
    return False


def picture(world: World) -> dict[str, Any]:
    """Everything in the cluster by address, without what differs from moment to moment."""
    return {str(ref): without(obj, _OF_THE_MOMENT) for ref, obj in sorted(world.kube.objects.items())}

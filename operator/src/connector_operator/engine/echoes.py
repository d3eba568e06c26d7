"""Watch events that only repeat what a reconcile has just written, and has seen in the API server's answer."""

from connector_operator.domain.objects import Object, ObjectRef, ref_of, uid_of


class Echoes:
    """Remembers our own writes until the watch tells of them; whatever happened to the object since then is no echo."""

    def __init__(self) -> None:
        self._expected: dict[ObjectRef, tuple[str, str]] = {}

    def expect(self, written: Object) -> None:
        """An object as the API server answered when it was applied."""
        self._expected[ref_of(written)] = _version(written)

    def is_echo(self, obj: Object) -> bool:
        """Whether this is an object exactly as it was written last; asked once for every event, since it then forgets it."""
        return self._expected.pop(ref_of(obj), None) == _version(obj)

    def forget(self, ref: ObjectRef) -> None:
        """An object that is gone tells nothing more."""
        self._expected.pop(ref, None)


def _version(obj: Object) -> tuple[str, str]:
    return uid_of(obj), obj["metadata"]["resourceVersion"]

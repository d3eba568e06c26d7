"""Conditions and their reasons: the vocabulary of every status, each word with the sentence that the documentation prints.

Shape and meaning follow the Kubernetes API conventions (metav1.Condition) and kstatus: `Ready` is the summary, `Reconciling` and
`Stalled` are there only while they are true.
"""

from dataclasses import dataclass
from enum import StrEnum


class ConditionType(StrEnum):
    """The conditions of the three kinds."""

    ACCEPTED = "Accepted"
    BOUND = "Bound"
    LOADED = "Loaded"
    PUBLISHED = "Published"
    AVAILABLE = "Available"
    CONNECTED = "Connected"
    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"


class Waits(StrEnum):
    """Who has to move before a false condition can become true; decides between `Reconciling` and `Stalled`."""

    NOBODY = "nobody"
    SYSTEM = "system"
    """Time, the cluster, or an object that has yet to appear: kstatus calls it in progress."""
    USER = "user"
    """Somebody has to change something: kstatus calls it failed."""


class Reason(StrEnum):
    """Why a condition has its status. A word is API: users alert on it, so it is never composed at a call site."""

    sentence: str
    waits: Waits

    def __new__(cls, word: str, sentence: str, waits: Waits = Waits.NOBODY) -> "Reason":
        """Make a member that is its word and carries the sentence for the documentation."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        member.waits = waits
        return member

    ACCEPTED = "Accepted", "The spec is valid and allowed."
    INVALID_SPEC = "InvalidSpec", "The spec cannot be used; the message names the field.", Waits.USER
    REFUSED_BY_POLICY = (
        "RefusedByPolicy",
        "A ConnectorPolicy does not allow it; the message names the policy.",
        Waits.USER,
    )
    JOB_TYPE_CONFLICT = (
        "JobTypeConflict",
        "An older Connector of the same ConnectorRuntime already has this job type.",
        Waits.USER,
    )
    SOURCE_NOT_FOUND = (
        "SourceNotFound",
        "The ConfigMap with the Connector's code does not exist, or is not labelled as a source.",
        Waits.SYSTEM,
    )
    SUSPENDED = "Suspended", "spec.suspend is true."
    NOT_OWNED = (
        "NotOwned",
        "An object that the runtime needs exists under that name and belongs to somebody else; it is left untouched.",
        Waits.USER,
    )

    BOUND = "Bound", "At least one ConnectorRuntime selects the Connector."
    NO_RUNTIME = "NoRuntime", "No ConnectorRuntime of the namespace selects the Connector.", Waits.SYSTEM

    LOADED = "Loaded", "Every worker pod has loaded the connector function and takes its jobs."
    PENDING = "Pending", "The worker pods with the newest configuration have not reported yet.", Waits.SYSTEM
    LOAD_FAILED = "LoadFailed", "The connector function cannot be loaded; the message is the loader's.", Waits.USER
    SETTINGS_INVALID = (
        "SettingsInvalid",
        "The connector function refuses spec.settings; the message names the field.",
        Waits.USER,
    )
    SECRETS_MISSING = (
        "SecretsMissing",
        "A Secret or key that spec.secrets names does not exist; the Connector's jobs wait in Zeebe.",
        Waits.SYSTEM,
    )

    PUBLISHED = "Published", "The element templates are in the catalogue."
    DISABLED = "Disabled", "The ConnectorRuntime publishes no catalogue."
    INVALID_ELEMENT_TEMPLATE = (
        "InvalidElementTemplate",
        "An element template cannot be published; the message says which and why.",
        Waits.USER,
    )
    CATALOGUE_FULL = "CatalogueFull", "The catalogue has no room for the element template.", Waits.USER

    AVAILABLE = "Available", "All pods of the worker are available."
    ROLLING_OUT = "RollingOut", "The worker's pods are being replaced.", Waits.SYSTEM
    REPLICAS_UNAVAILABLE = "ReplicasUnavailable", "Some pods of the worker are not ready.", Waits.SYSTEM
    DEADLINE_EXCEEDED = (
        "DeadlineExceeded",
        "The roll-out makes no progress; the message says what the pods say.",
        Waits.USER,
    )

    CONNECTED = "Connected", "Every worker pod reaches the Zeebe gateway."
    CONNECTING = "Connecting", "The worker pods have not reached the Zeebe gateway yet.", Waits.SYSTEM
    UNAUTHENTICATED = "Unauthenticated", "The Zeebe gateway refuses the credentials.", Waits.USER
    GATEWAY_UNREACHABLE = "GatewayUnreachable", "The Zeebe gateway cannot be reached.", Waits.SYSTEM

    READY = "Ready", "Everything else is true."


REASONS: dict[str, dict[ConditionType, tuple[Reason, ...]]] = {
    "Connector": {
        ConditionType.ACCEPTED: (
            Reason.ACCEPTED,
            Reason.INVALID_SPEC,
            Reason.REFUSED_BY_POLICY,
            Reason.JOB_TYPE_CONFLICT,
            Reason.SOURCE_NOT_FOUND,
            Reason.SUSPENDED,
        ),
        ConditionType.BOUND: (Reason.BOUND, Reason.NO_RUNTIME),
        ConditionType.LOADED: (
            Reason.LOADED,
            Reason.PENDING,
            Reason.LOAD_FAILED,
            Reason.SETTINGS_INVALID,
            Reason.SECRETS_MISSING,
        ),
        ConditionType.PUBLISHED: (
            Reason.PUBLISHED,
            Reason.DISABLED,
            Reason.PENDING,
            Reason.INVALID_ELEMENT_TEMPLATE,
            Reason.CATALOGUE_FULL,
        ),
    },
    "ConnectorRuntime": {
        ConditionType.ACCEPTED: (
            Reason.ACCEPTED,
            Reason.INVALID_SPEC,
            Reason.REFUSED_BY_POLICY,
            Reason.NOT_OWNED,
            Reason.SUSPENDED,
        ),
        ConditionType.AVAILABLE: (
            Reason.AVAILABLE,
            Reason.ROLLING_OUT,
            Reason.REPLICAS_UNAVAILABLE,
            Reason.DEADLINE_EXCEEDED,
        ),
        ConditionType.CONNECTED: (
            Reason.CONNECTED,
            Reason.CONNECTING,
            Reason.UNAUTHENTICATED,
            Reason.GATEWAY_UNREACHABLE,
        ),
    },
    "ConnectorPolicy": {ConditionType.ACCEPTED: (Reason.ACCEPTED, Reason.INVALID_SPEC)},
}
"""By kind and condition: the reasons it may have, the good one first.

`Ready` has `Ready` or the first failing reason; it is true with `Suspended`, which is as somebody wants it.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition as decided now: whether it holds (`None`: not known yet), why, and a sentence for people."""

    type: ConditionType
    holds: bool | None
    reason: Reason
    message: str

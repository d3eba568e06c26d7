"""What ConnectorPolicies allow: the reconcile-time twin of the ValidatingAdmissionPolicy in deploy/.

Every policy whose namespace selector matches must allow (intersection); none matching means allowed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConnectorSource, ConnectorSpec
from connector_operator.api.policy import AllowedSources, ConnectorPolicySpec
from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain.objects import Object
from connector_operator.domain.problem import Problem, invalid
from connector_operator.domain.selectors import matches_any, selects

_SHOWN = 10
"""How much of an allow-list a message repeats."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A ConnectorPolicy that can be read."""

    name: str
    spec: ConnectorPolicySpec

    @property
    def enforced(self) -> bool:
        """Whether it refuses, or only reports."""
        return self.spec.enforcement == "Enforce"


def read_policy(obj: Object) -> Policy | Problem:
    """Parse a ConnectorPolicy; a problem when it cannot be read, and then it has no effect."""
    try:
        return Policy(obj["metadata"]["name"], ConnectorPolicySpec.model_validate(obj.get("spec", {})))
    except ValidationError as error:
        return invalid(error)


def policies_of(namespace_labels: Mapping[str, str], objects: Iterable[Object]) -> tuple[Policy, ...]:
    """The policies that apply to a namespace, in the order given."""
    read = (read_policy(obj) for obj in objects)
    return tuple(
        policy for policy in read if isinstance(policy, Policy) and selects(policy.spec.namespace_selector, namespace_labels)
    )


def refusal(spec: ConnectorSpec, policies: Iterable[Policy]) -> Problem | None:
    """The first enforced policy that does not allow a Connector, as a problem; `None` when all do."""
    for policy in policies:
        if policy.enforced and (why := why_refused(spec, policy)):
            return Problem(Reason.REFUSED_BY_POLICY, why)
    return None


def why_refused(spec: ConnectorSpec, policy: Policy) -> str | None:
    """Why one policy, enforced or not, does not allow a Connector, as a sentence; `None` when it does."""
    entries = [entry for entry in policy.spec.connectors if matches_any(entry.job_types, spec.job_type)]
    if not entries:
        return (
            f"ConnectorPolicy '{policy.name}' allows no job type '{spec.job_type}'; "
            f"{_allowed_job_types(policy)}; ask a cluster admin to add it, or use an allowed one"
        )
    if any(_allows_source(entry.sources, spec.source) for entry in entries):
        return None
    return (
        f"ConnectorPolicy '{policy.name}' allows job type '{spec.job_type}', but not from source {describe(spec.source)}; "
        f"it allows {' or '.join(_allowed_sources(entry.sources) for entry in entries[:_SHOWN])}"
    )


def refuse_runtime(spec: ConnectorRuntimeSpec, image: str, policies: Iterable[Policy]) -> Problem | None:
    """The first enforced policy that does not allow what a ConnectorRuntime asks for; `image` is the effective one."""
    for policy in policies:
        allowed = policy.spec.runtimes
        if not policy.enforced:
            continue
        if allowed.images is not None and not matches_any(allowed.images, image):
            return Problem(
                Reason.REFUSED_BY_POLICY,
                f"ConnectorPolicy '{policy.name}' allows no runtime image '{image}'; it allows {_some(allowed.images)}",
            )
        if allowed.max_replicas is not None and (spec.replicas or 0) > allowed.max_replicas:
            return Problem(
                Reason.REFUSED_BY_POLICY,
                f"spec.replicas: ConnectorPolicy '{policy.name}' allows at most {allowed.max_replicas} (got {spec.replicas})",
            )
    return None


def describe(source: ConnectorSource) -> str:
    """A source as messages name it: `builtin 'http-json'`, `configMap 'crm'`."""
    if source.builtin is not None:
        return f"builtin '{source.builtin}'"
    return f"configMap '{source.config_map.name}'" if source.config_map else "none"


def _allows_source(allowed: AllowedSources, source: ConnectorSource) -> bool:
    if source.builtin is not None:
        return allowed.builtin is not None and matches_any(allowed.builtin, source.builtin)
    return source.config_map is not None and allowed.config_map is not None


def _allowed_job_types(policy: Policy) -> str:
    globs = [glob for entry in policy.spec.connectors for glob in entry.job_types]
    return f"it allows {_some(globs)}" if globs else "it allows none at all"


def _allowed_sources(allowed: AllowedSources) -> str:
    parts = [f"builtin {_some(allowed.builtin)}"] if allowed.builtin else []
    parts += ["any configMap"] if allowed.config_map is not None else []
    return " or ".join(parts) or "no source"


def _some(globs: Sequence[str]) -> str:
    """The first few of an allow-list; a runtime's list may be empty, and then it allows none."""
    more = f" and {len(globs) - _SHOWN} more" if len(globs) > _SHOWN else ""
    return (", ".join(globs[:_SHOWN]) or "none") + more

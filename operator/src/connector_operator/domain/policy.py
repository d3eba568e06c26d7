"""What ConnectorPolicies allow: the reconcile-time twin of the ValidatingAdmissionPolicy in deploy/.

Every policy whose namespace selector matches must allow (intersection); none matching means allowed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConnectorSource, ConnectorSpec, PackageSource
from connector_operator.api.policy import AllowedImages, AllowedPackages, AllowedRuntimes, AllowedSources, ConnectorPolicySpec
from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.api.selector import LabelSelector
from connector_operator.domain.objects import Object, at, list_at
from connector_operator.domain.problem import Problem, invalid
from connector_operator.domain.remembered import remembered
from connector_operator.domain.selectors import matches_any, selects

_SHOWN = 10
_SHOWN_TEXT = 200
"""How much of an allow-list a message repeats."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A ConnectorPolicy that can be read."""

    name: str
    spec: ConnectorPolicySpec
    unreadable: str = ""
    """What is wrong with it; it then allows nothing."""
    given: bool = True
    """False for the operator's own default, which no object says."""

    @property
    def enforced(self) -> bool:
        """Whether it refuses, or only reports."""
        return self.spec.enforcement == "Enforce"


NO_POLICY = Policy("", ConnectorPolicySpec(), given=False)
"""What `--default-policy=deny` makes of a namespace without a policy."""


@remembered(1_000)  # every Connector is judged by every policy of its namespace
def read_policy(obj: Object) -> Policy | Problem:
    """Parse a ConnectorPolicy; a problem when it cannot be read, and then it allows nothing (`policies_of`)."""
    try:
        return Policy(obj["metadata"]["name"], ConnectorPolicySpec.model_validate(obj.get("spec", {})))
    except ValidationError as error:
        return invalid(error)


def policies_of(
    namespace_labels: Mapping[str, str], objects: Iterable[Object], *, default_deny: bool = False
) -> tuple[Policy, ...]:
    """The policies that apply to a namespace, in the order given.

    A policy that cannot be read refuses everything where it may have been meant: not knowing what an admin forbids must not
    allow it. `default_deny`: a namespace that no enforced policy selects is allowed nothing, too.
    """
    read = [_readable(obj) for obj in objects]
    applying = tuple(policy for policy in read if selects(policy.spec.namespace_selector, namespace_labels))
    if default_deny and not any(policy.enforced for policy in applying):
        return (*applying, NO_POLICY)
    return applying


def _readable(obj: Object) -> Policy:
    policy = read_policy(obj)
    if isinstance(policy, Policy):
        return policy
    return Policy(obj["metadata"]["name"], ConnectorPolicySpec(namespace_selector=_selector(obj)), unreadable=policy.message)


def _selector(obj: Object) -> LabelSelector:
    """Where an unreadable policy was meant to apply, if at least that can be read; otherwise everywhere."""
    try:
        return LabelSelector.model_validate(at(obj, "spec", "namespaceSelector"))
    except ValidationError:
        return LabelSelector()


def refusal(spec: ConnectorSpec, policies: Iterable[Policy]) -> Problem | None:
    """The first enforced policy that does not allow a Connector, as a problem; `None` when all do."""
    for policy in policies:
        if policy.enforced and (why := why_refused(spec, policy)):
            return Problem(Reason.REFUSED_BY_POLICY, why)
    return None


def why_refused(spec: ConnectorSpec, policy: Policy) -> str | None:
    """Why one policy, enforced or not, does not allow a Connector, as a sentence; `None` when it does."""
    if nothing := _allows_nothing(policy):
        return nothing
    entries = [entry for entry in policy.spec.connectors if matches_any(entry.job_types, spec.job_type)]
    if not entries:
        return (
            f"ConnectorPolicy '{policy.name}' allows no job type '{spec.job_type}'; "
            f"{_allowed_job_types(policy)}; ask a cluster admin to add it, or use an allowed one"
        )
    if allowing_entry(spec, policy) is not None:
        return None
    return (
        f"ConnectorPolicy '{policy.name}' allows job type '{spec.job_type}', but not from source {describe(spec.source)}; "
        f"it allows {' or '.join(_allowed_sources(entry.sources) for entry in entries[:_SHOWN])}"
    )


def allowing_entry(spec: ConnectorSpec, policy: Policy) -> int | None:
    """Which entry of a policy's allow-list allows a Connector, counted from 0; `None` when none does."""
    return next(
        (
            index
            for index, entry in enumerate(policy.spec.connectors)
            if matches_any(entry.job_types, spec.job_type) and _allows_source(entry.sources, spec.source)
        ),
        None,
    )


def refuse_runtime(spec: ConnectorRuntimeSpec, image: str, policies: Iterable[Policy]) -> Problem | None:
    """The first enforced policy that does not allow what a ConnectorRuntime asks for; `image` is the effective one."""
    for policy in policies:
        if policy.enforced and (nothing := _allows_nothing(policy)):
            return Problem(Reason.REFUSED_BY_POLICY, nothing)
        if policy.enforced and (why := _runtime_complaint(spec, image, policy.spec.runtimes)):
            return Problem(Reason.REFUSED_BY_POLICY, f"ConnectorPolicy '{policy.name}' {why}")
    return None


def _allows_nothing(policy: Policy) -> str | None:
    if not policy.given:
        return (
            "no ConnectorPolicy selects this namespace, and the operator runs with --default-policy=deny: "
            "ask a cluster admin for a ConnectorPolicy that does"
        )
    if policy.unreadable:
        return f"ConnectorPolicy '{policy.name}' cannot be read and so allows nothing: {policy.unreadable}; ask a cluster admin"
    return None


def _runtime_complaint(spec: ConnectorRuntimeSpec, image: str, allowed: AllowedRuntimes) -> str | None:
    if allowed.pod_template == "Forbidden" and spec.pod_template:
        return "allows no spec.podTemplate: remove it, or ask a cluster admin"
    for used in (image, *_patched_images(spec.pod_template)):
        if allowed.images is not None and not matches_any(allowed.images, used):
            return f"allows no runtime image '{used[:_SHOWN_TEXT]}'; it allows {_some(allowed.images)}"
    if allowed.max_replicas is not None and (spec.replicas or 0) > allowed.max_replicas:
        return f"allows at most {allowed.max_replicas} in spec.replicas (got {spec.replicas})"
    return None


def _patched_images(pod_template: Mapping[str, Any]) -> Iterable[str]:
    """Images that a pod template brings in: a patch must not be the way around the list of allowed ones."""
    for field in ("containers", "initContainers", "ephemeralContainers"):
        for container in list_at(pod_template, "spec", field):
            if "image" in container:
                yield str(container["image"])


def describe(source: ConnectorSource) -> str:
    """A source as messages name it: `builtin 'http-json'`, `configMap 'crm'`."""
    if source.builtin is not None:
        return f"builtin '{source.builtin}'"
    if source.image is not None:
        return f"image '{source.image.reference[:_SHOWN_TEXT]}'"
    if source.package is not None:
        return f"package '{source.package.requirements[0].partition(' ')[0]}'"
    return f"configMap '{source.config_map.name}'" if source.config_map else "none"


def _allows_source(allowed: AllowedSources, source: ConnectorSource) -> bool:
    if source.builtin is not None:
        return allowed.builtin is not None and matches_any(allowed.builtin, source.builtin)
    if source.image is not None:
        return allowed.image is not None and _allows_image(allowed.image, source.image.reference)
    if source.package is not None:
        return allowed.package is not None and _allows_package(allowed.package, source.package)
    return source.config_map is not None and allowed.config_map is not None


def _allows_image(allowed: AllowedImages, reference: str) -> bool:
    return matches_any(allowed.references, reference) and ("@sha256:" in reference or not allowed.require_digest)


def _allows_package(allowed: AllowedPackages, package: PackageSource) -> bool:
    wheels = all(matches_any(allowed.requirements, item.partition("==")[0]) for item in package.requirements)
    index = allowed.index_urls is None or (package.index_url is not None and matches_any(allowed.index_urls, package.index_url))
    return wheels and index


def _allowed_job_types(policy: Policy) -> str:
    globs = [glob for entry in policy.spec.connectors for glob in entry.job_types]
    return f"it allows {_some(globs)}" if globs else "it allows none at all"


def _allowed_sources(allowed: AllowedSources) -> str:
    parts = [f"builtin {_some(allowed.builtin)}"] if allowed.builtin else []
    if allowed.image:
        parts.append(f"image {_some(allowed.image.references)}{' with a digest' if allowed.image.require_digest else ''}")
    if allowed.package:
        index = f" from index {_some(allowed.package.index_urls)}" if allowed.package.index_urls is not None else ""
        parts.append(f"package {_some(allowed.package.requirements)}{index}")
    parts += ["any configMap"] if allowed.config_map is not None else []
    return " or ".join(parts) or "no source"


def _some(globs: Sequence[str]) -> str:
    """The first few of an allow-list; a runtime's list may be empty, and then it allows none."""
    more = f" and {len(globs) - _SHOWN} more" if len(globs) > _SHOWN else ""
    return (", ".join(globs[:_SHOWN]) or "none") + more

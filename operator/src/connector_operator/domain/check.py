"""Judge one Connector by itself: can its spec be read, do the policies allow it, is its code there?

What depends on the other Connectors of a runtime (who has the job type) is for `domain.resolve`.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConfigMapSource, ConnectorSource, ConnectorSpec, PackageSource
from connector_operator.api.fields import MAX_NAME, NAME_PATTERN
from connector_operator.domain.objects import PART_LABEL, SOURCE_PART, Object, data_of, labels_of, uid_of
from connector_operator.domain.policy import Policy, refusal, why_refused
from connector_operator.domain.problem import Problem, invalid

REQUIREMENTS_FILE = "requirements.txt"
"""What the copy of a package source holds: the pinned wheels, as pip reads them."""

MAX_SETTINGS_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class SourceCode:
    """The files that a Connector's code comes from, by file name, and the hash that names them."""

    files: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class CheckedConnector:
    """One Connector with everything that can be said about it alone."""

    name: str
    uid: str
    created: str
    generation: int
    labels: Mapping[str, str]
    spec: ConnectorSpec | None
    """`None` when it cannot be read; a problem then says why."""
    source: SourceCode | None
    problem: Problem | None
    audit: tuple[str, ...] = ()
    """What policies that only audit would have refused."""

    @property
    def age(self) -> tuple[str, str]:
        """Sorts the older first; names decide between Connectors of the same second."""
        return (self.created, self.name)


def check(obj: Object, policies: tuple[Policy, ...], sources: Mapping[str, Object]) -> CheckedConnector:
    """Check one Connector against the policies of its namespace and the source ConfigMaps there."""
    spec = _read(obj)
    if isinstance(spec, Problem):
        return _checked(obj, spec=None, problem=spec)
    audit = tuple(why for policy in policies if not policy.enforced and (why := why_refused(spec, policy)))
    if problem := refusal(spec, policies):
        return _checked(obj, spec=spec, problem=problem, audit=audit)
    if spec.suspend:
        suspended = Problem(Reason.SUSPENDED, "spec.suspend is true: set it to false to serve the Connector again")
        return _checked(obj, spec=spec, problem=suspended, audit=audit)
    source = _source(spec.source, sources)
    if isinstance(source, Problem):
        return _checked(obj, spec=spec, problem=source, audit=audit)
    return _checked(obj, spec=spec, source=source, audit=audit)


def check_name(obj: Object) -> Problem | None:
    """The twin of the CRD's rule on metadata.name, for objects that no API server has seen."""
    name = obj["metadata"]["name"]
    if len(name) <= MAX_NAME and re.fullmatch(NAME_PATTERN, name):
        return None
    return Problem(
        Reason.INVALID_SPEC,
        f"metadata.name: needs at most {MAX_NAME} lower-case letters, digits and dashes, and no dots (got '{name[:100]}')",
    )


def _read(obj: Object) -> ConnectorSpec | Problem:
    if problem := check_name(obj):
        return problem
    try:
        spec = ConnectorSpec.model_validate(obj.get("spec", {}))
    except ValidationError as error:
        return invalid(error)
    size = len(json.dumps(spec.settings).encode())
    if size > MAX_SETTINGS_BYTES:
        return Problem(Reason.INVALID_SPEC, f"spec.settings: at most {MAX_SETTINGS_BYTES} bytes of JSON (got {size})")
    return spec


def _source(source: ConnectorSource, sources: Mapping[str, Object]) -> SourceCode | Problem | None:
    """What has to be copied for the worker; `None` when its code is in an image."""
    if source.config_map:
        return _python_files(source.config_map, sources)
    return _requirements(source.package) if source.package else None


def _requirements(package: PackageSource) -> SourceCode:
    files = {REQUIREMENTS_FILE: "".join(f"{line}\n" for line in package.requirements)}
    return SourceCode(files, _digest(files))


def _python_files(reference: ConfigMapSource, sources: Mapping[str, Object]) -> SourceCode | Problem:
    found = sources.get(reference.name)
    if found is None:
        return Problem(
            Reason.SOURCE_NOT_FOUND,
            f"spec.source.configMap.name: cannot find a ConfigMap '{reference.name}' labelled {PART_LABEL}={SOURCE_PART} "
            f"in this namespace; create it, or label it: kubectl label configmap {reference.name} {PART_LABEL}={SOURCE_PART}",
        )
    files = {name: text for name, text in sorted(data_of(found).items()) if name.endswith(".py")}
    module = reference.entry_point.partition(":")[0].partition(".")[0]
    if f"{module}.py" not in files:
        have = ", ".join(files) or "no .py file"
        return Problem(
            Reason.SOURCE_NOT_FOUND,
            f"spec.source.configMap.entryPoint: ConfigMap '{reference.name}' has no key '{module}.py'; it has {have}",
        )
    return SourceCode(files, _digest(files))


def _digest(files: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:10]


def _checked(
    obj: Object,
    *,
    spec: ConnectorSpec | None,
    source: SourceCode | None = None,
    problem: Problem | None = None,
    audit: tuple[str, ...] = (),
) -> CheckedConnector:
    metadata = obj["metadata"]
    return CheckedConnector(
        name=metadata["name"],
        uid=uid_of(obj),
        created=metadata.get("creationTimestamp", ""),
        generation=metadata.get("generation", 0),
        labels=labels_of(obj),
        spec=spec,
        source=source,
        problem=problem,
        audit=audit,
    )

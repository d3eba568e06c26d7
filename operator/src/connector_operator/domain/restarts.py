"""Which pods a plan would restart, and because of which fields: what `connectors diff` tells beside the plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.differences import Difference, differences, owned_whole
from connector_operator.domain.objects import CONFIG_MAP, DEPLOYMENT, Object, ObjectRef, at, data_of, list_at, ref_of
from connector_operator.domain.observed import CONFIG_LABEL
from connector_operator.domain.plan import Plan
from connector_operator.domain.strict_json import read_json

_FOLLOWS_THE_CONFIGURATION = (f"metadata.labels.{CONFIG_LABEL}", "spec.volumes[config].")
"""In a pod template: what changes with the configuration's hash and says nothing by itself."""


@dataclass(frozen=True, slots=True)
class Restart:
    """One Deployment whose pods would be replaced, and the fields that are why."""

    deployment: str
    because: tuple[Difference, ...]


def restarts(plan: Plan, desired: DesiredObjects, live: Mapping[ObjectRef, Object], *, field_manager: str) -> tuple[Restart, ...]:
    """The Deployments of a plan that exist and would get another pod template; `field_manager`: ours.

    `live`: the Deployments and the configurations that their pods mount now, as the API server has them.
    """
    wanted = {ref_of(manifest): manifest for manifest in desired.manifests}
    refs = (ref_of(step.manifest) for step in plan.apply)
    found = (
        Restart(ref.name, tuple(_because(ref, live, wanted, field_manager)))
        for ref in refs
        if ref.kind == DEPLOYMENT and ref in live
    )
    return tuple(item for item in found if item.because)


def mounted_configuration(deployment: Object) -> ObjectRef:
    """The ConfigMap with the configuration that a Deployment's pods mount; without a name when there is none."""
    volumes = list_at(deployment, "spec", "template", "spec", "volumes")
    name = next((at(volume, "configMap").get("name", "") for volume in volumes if volume.get("name") == "config"), "")
    return ObjectRef(CONFIG_MAP, deployment["metadata"]["namespace"], name)


def _because(
    ref: ObjectRef, live: Mapping[ObjectRef, Object], wanted: Mapping[ObjectRef, Object], field_manager: str
) -> Iterator[Difference]:
    before, after = _configuration(live[ref], live), _configuration(wanted[ref], wanted)
    # the configuration is ours alone: all that it has and is not wanted any more goes
    yield from differences(before, after, ours=owned_whole(before))
    template = at(wanted[ref], "spec", "template")
    for item in differences(at(live[ref], "spec", "template"), template, ours=_owned_template(live[ref], field_manager)):
        if not item.path.startswith(_FOLLOWS_THE_CONFIGURATION):
            yield replace(item, path=f"pod template: {item.path}")


def _configuration(deployment: Object, objects: Mapping[ObjectRef, Object]) -> Any:
    text = data_of(objects.get(mounted_configuration(deployment))).get("config.json", "{}")
    try:
        return read_json(text)
    except ValueError:
        return {}  # somebody damaged it; then everything in it is new


def _owned_template(deployment: Object, field_manager: str) -> Any:
    for entry in list_at(deployment, "metadata", "managedFields"):
        if entry.get("manager") == field_manager and not entry.get("subresource"):
            return at(entry, "fieldsV1", "f:spec", "f:template")
    return {}

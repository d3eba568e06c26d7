"""`connectors diff`: what the operator would write to a cluster for the ConnectorRuntimes in files. Writes nothing."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from connector_operator.api.kinds import CONNECTOR_RUNTIME
from connector_operator.cli.arguments import add_file_arguments, add_output_argument, load_files, print_json
from connector_operator.cli.render import catalogue_offline, render_offline, resolve_offline, tell_problems
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.port import FIELD_MANAGER, ApiError, KubeApi
from connector_operator.cluster.transport import ApiCall
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import DEPLOYMENT, Object, ObjectRef, ref_of, uid_of
from connector_operator.domain.plan import Plan, make_plan
from connector_operator.domain.restarts import Restart, mounted_configuration, restarts
from connector_operator.domain.snapshot import RuntimeSnapshot


@dataclass(frozen=True, slots=True)
class RuntimeDiff:
    """What would be written for one ConnectorRuntime, and which pods that would restart."""

    namespace: str
    name: str
    plan: Plan
    restarts: tuple[Restart, ...]

    def __str__(self) -> str:
        lines = [f"{self.namespace}/{self.name}:", str(self.plan)]
        for restart in self.restarts:
            lines += [f"restarts the pods of Deployment {restart.deployment}, because of"]
            lines += [f"  {difference}" for difference in restart.because]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        writes = [(step.why, ref_of(step.manifest)) for step in self.plan.apply] + [("delete", d.ref) for d in self.plan.delete]
        return {
            "namespace": self.namespace,
            "name": self.name,
            "writes": [{"why": why, "kind": ref.kind.kind, "name": ref.name} for why, ref in writes],
            "restarts": [asdict(restart) for restart in self.restarts],
        }


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("diff", help="print what the operator would write to the cluster for the resources in files")
    add_file_arguments(parser)
    add_output_argument(parser)
    parser.add_argument("--kubeconfig", type=Path, help="default: KUBECONFIG")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one plan per ConnectorRuntime; 0: nothing would be written, 1: something would, 2: it cannot be told."""
    try:
        found = asyncio.run(_diffs(list(load_files(options).runtimes()), options.kubeconfig))
    except (ApiError, ConnectionSettingsError) as error:
        print(f"connectors: {error}", file=sys.stderr)
        return 2
    if options.output == "json":
        print_json([item.as_json() for item in found])
    else:
        for item in found:
            print(item)
    return 1 if any(item.plan.apply or item.plan.delete for item in found) else 0


async def _diffs(snapshots: Sequence[RuntimeSnapshot], kubeconfig: Path | None) -> list[RuntimeDiff]:
    async with ClusterApi(Connection(kubeconfig), _ignore) as api:
        return [await diff_against(api, snapshot) for snapshot in snapshots]


def _ignore(_call: ApiCall) -> None:
    """Nobody scrapes a command."""


async def diff_against(api: KubeApi, snapshot: RuntimeSnapshot) -> RuntimeDiff:
    """One ConnectorRuntime from files, compared with the objects that the cluster has under those names.

    What files cannot know is taken from the cluster: the runtime's uid, which is in every owner reference. Objects that are
    no longer desired are not looked for.
    """
    live = await api.get(_runtime_ref(snapshot))
    if live is not None:
        metadata = {**snapshot.runtime["metadata"], "uid": uid_of(live)}
        snapshot = replace(snapshot, runtime={**snapshot.runtime, "metadata": metadata})
    resolved = resolve_offline(snapshot)
    catalogue = catalogue_offline(snapshot, resolved)
    tell_problems(resolved, catalogue)
    desired = render_offline(resolved, catalogue)
    observed = {ref_of(obj): obj async for obj in _observed(api, desired)}
    plan = make_plan(desired, resolve_offline(replace(snapshot, owned=tuple(observed.values()))).observed)
    running = await _running(api, observed)
    return RuntimeDiff(resolved.namespace, resolved.name, plan, restarts(plan, desired, running, field_manager=FIELD_MANAGER))


async def _observed(api: KubeApi, desired: DesiredObjects) -> AsyncIterator[Object]:
    for manifest in desired.manifests:
        if (obj := await api.get(ref_of(manifest))) is not None:
            yield obj


async def _running(api: KubeApi, observed: Mapping[ObjectRef, Object]) -> Mapping[ObjectRef, Object]:
    """The Deployments, and the configurations that their pods mount now, which are desired no longer when there is a change."""
    running = {ref: obj for ref, obj in observed.items() if ref.kind == DEPLOYMENT}
    for ref in [mounted_configuration(obj) for obj in running.values()]:
        config = observed.get(ref) or await api.get(ref)
        if config is not None:
            running[ref] = config
    return running


def _runtime_ref(snapshot: RuntimeSnapshot) -> ObjectRef:
    metadata = snapshot.runtime["metadata"]
    return ObjectRef(CONNECTOR_RUNTIME, metadata["namespace"], metadata["name"])

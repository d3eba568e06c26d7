"""`connectors diff`: what the operator would write to a cluster for the ConnectorRuntimes in files. Writes nothing."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from connector_operator.api.kinds import CONNECTOR_RUNTIME
from connector_operator.cli.files import load
from connector_operator.cli.render import add_file_arguments, problems, render_offline, resolve_offline
from connector_operator.cli.subcommand import Subcommands
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.port import ApiError, KubeApi
from connector_operator.cluster.transport import ApiCall
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import Object, ObjectRef, ref_of, uid_of
from connector_operator.domain.plan import Plan, make_plan
from connector_operator.domain.snapshot import RuntimeSnapshot


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("diff", help="print what the operator would write to the cluster for the resources in files")
    add_file_arguments(parser)
    parser.add_argument("--kubeconfig", type=Path, help="default: KUBECONFIG")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one plan per ConnectorRuntime; 1 when something would be written, as `kubectl diff` does."""
    try:
        plans = asyncio.run(_plans(list(load(options.files, options.namespace).runtimes()), options.kubeconfig))
    except (ApiError, ConnectionSettingsError) as error:
        print(f"connectors: {error}", file=sys.stderr)
        return 2
    for name, plan in plans:
        print(f"{name}:\n{plan}")
    return 1 if any(plan.apply or plan.delete for _, plan in plans) else 0


async def _plans(snapshots: Sequence[RuntimeSnapshot], kubeconfig: Path | None) -> list[tuple[str, Plan]]:
    plans: list[tuple[str, Plan]] = []
    async with ClusterApi(Connection(kubeconfig), _ignore) as api:
        for snapshot in snapshots:
            metadata = snapshot.runtime["metadata"]
            plans.append((f"{metadata['namespace']}/{metadata['name']}", await plan_against(api, snapshot)))
    return plans


def _ignore(_call: ApiCall) -> None:
    """Nobody scrapes a command."""


async def plan_against(api: KubeApi, snapshot: RuntimeSnapshot) -> Plan:
    """The plan for one ConnectorRuntime from files, compared with the objects that the cluster has under those names.

    What files cannot know is taken from the cluster: the runtime's uid, which is in every owner reference. Objects that are
    no longer desired are not looked for.
    """
    live = await api.get(_runtime_ref(snapshot))
    if live is not None:
        metadata = {**snapshot.runtime["metadata"], "uid": uid_of(live)}
        snapshot = replace(snapshot, runtime={**snapshot.runtime, "metadata": metadata})
    desired = _desired(snapshot)
    owned = tuple([obj async for obj in _observed(api, desired)])
    observed = resolve_offline(replace(snapshot, owned=owned)).observed
    return make_plan(desired, observed)


def _desired(snapshot: RuntimeSnapshot) -> DesiredObjects:
    resolved = resolve_offline(snapshot)
    for name, message in problems(resolved):
        print(f"{resolved.namespace}/{name}: {message}", file=sys.stderr)
    return render_offline(snapshot, resolved)


async def _observed(api: KubeApi, desired: DesiredObjects) -> AsyncIterator[Object]:
    for manifest in desired.manifests:
        if (obj := await api.get(ref_of(manifest))) is not None:
            yield obj


def _runtime_ref(snapshot: RuntimeSnapshot) -> ObjectRef:
    metadata = snapshot.runtime["metadata"]
    return ObjectRef(CONNECTOR_RUNTIME, metadata["namespace"], metadata["name"])

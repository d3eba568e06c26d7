"""`connectors render`: what the operator would apply for the ConnectorRuntimes in files. Needs no cluster."""

import argparse
import sys
from collections.abc import Sequence

import yaml

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME, Kind
from connector_operator.cli.arguments import add_file_arguments, add_output_argument, load_files, print_json
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.catalogue import compose
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.objects import Manifest
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ResolvedRuntime, WorkerDefaults, resolve
from connector_operator.domain.shelf import Catalogue
from connector_operator.domain.snapshot import RuntimeSnapshot
from connector_operator.rendering.configuration import configure
from connector_operator.rendering.runtime import render
from connector_operator.settings import Settings, from_environment


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("render", help="print what the operator would apply for the ConnectorRuntimes in files")
    add_file_arguments(parser)
    add_output_argument(parser, default="yaml")
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print the manifests to standard output and the problems to standard error; 1 when there is a problem."""
    found = False
    manifests: list[Manifest] = []
    for snapshot in load_files(options).runtimes():
        resolved = resolve_offline(snapshot)
        catalogue = catalogue_offline(snapshot, resolved)
        found |= tell_problems(resolved, catalogue)
        manifests += render_offline(resolved, catalogue).manifests
    _print(manifests, options.output)
    return 1 if found else 0


def _print(manifests: Sequence[Manifest], output: str) -> None:
    """As YAML documents, or as the JSON list that `kubectl` reads as well."""
    if output == "json":
        print_json({"apiVersion": "v1", "kind": "List", "items": manifests})
    else:
        print(yaml.safe_dump_all(manifests, sort_keys=False, explicit_start=True, allow_unicode=True), end="")


def resolve_offline(snapshot: RuntimeSnapshot) -> ResolvedRuntime:
    """Resolve with this operator's own settings."""
    settings = from_environment()
    return resolve(snapshot, worker_defaults(settings))


def worker_defaults(settings: Settings) -> WorkerDefaults:
    """What the operator's settings say about every worker."""
    return WorkerDefaults(
        settings.runtime_image,
        settings.image_pull_policy,
        copies_images=settings.copies_images,
        default_deny=settings.default_deny,
        rollout_interval=settings.rollout_interval,
    )


def catalogue_offline(snapshot: RuntimeSnapshot, resolved: ResolvedRuntime) -> Catalogue:
    """The element templates that are published once every Connector is loaded, and those that cannot be."""
    return compose(resolved, lambda _name: True, {}, snapshot.namespace.sources)


def render_offline(resolved: ResolvedRuntime, catalogue: Catalogue) -> DesiredObjects:
    """Render as the operator does once every Connector is loaded; nothing for a runtime that is not reconciled."""
    if resolved.problem is not None or resolved.spec is None:
        return DesiredObjects(())
    configuration = configure(resolved, resolved.spec)
    return render(resolved, resolved.spec, configuration, catalogue)


def problems(resolved: ResolvedRuntime, catalogue: Catalogue) -> list[tuple[Kind, str, Problem]]:
    """What keeps the runtime, a Connector of it or an element template from the worker and the catalogue: kind, name, problem."""
    of_runtime = [(CONNECTOR_RUNTIME, resolved.name, resolved.problem)] if resolved.problem else []
    of_connectors = [*resolved.problems.items(), *catalogue.problems.items()]
    return of_runtime + [(CONNECTOR, name, problem) for name, problem in sorted(of_connectors)]


def tell_problems(resolved: ResolvedRuntime, catalogue: Catalogue) -> bool:
    """Print the problems to standard error; whether there were any."""
    found = problems(resolved, catalogue)
    for _, name, problem in found:
        print(f"{resolved.namespace}/{name}: {problem.reason}: {problem.message}", file=sys.stderr)
    return bool(found)

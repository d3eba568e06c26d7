"""`connectors render`: what the operator would apply for the ConnectorRuntimes in files. Needs no cluster."""

import argparse
import sys
from pathlib import Path

import yaml

from connector_operator.cli.files import load
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.catalogue import compose
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.resolve import ResolvedRuntime, WorkerDefaults, resolve
from connector_operator.domain.snapshot import RuntimeSnapshot
from connector_operator.rendering.configuration import configure
from connector_operator.rendering.runtime import render
from connector_operator.settings import Settings, from_environment


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("render", help="print what the operator would apply for the ConnectorRuntimes in files")
    add_file_arguments(parser)
    parser.set_defaults(execute=execute)


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that works on files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="YAML files or folders")
    parser.add_argument("--namespace", "-n", default="default", help="for objects that name none (default: default)")


def execute(options: argparse.Namespace) -> int:
    """Print the manifests to standard output and the problems to standard error; 1 when there is a problem."""
    found = False
    for snapshot in load(options.files, options.namespace).runtimes():
        resolved = resolve_offline(snapshot)
        for name, message in problems(resolved):
            found = True
            print(f"{resolved.namespace}/{name}: {message}", file=sys.stderr)
        desired = render_offline(snapshot, resolved)
        print(yaml.safe_dump_all(desired.manifests, sort_keys=False, explicit_start=True, allow_unicode=True), end="")
    return 1 if found else 0


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
    )


def render_offline(snapshot: RuntimeSnapshot, resolved: ResolvedRuntime) -> DesiredObjects:
    """Render as the operator does once every Connector is loaded; nothing for a runtime that is not reconciled."""
    if resolved.problem is not None or resolved.spec is None:
        return DesiredObjects(())
    configuration = configure(resolved, resolved.spec)
    catalogue = compose(resolved, lambda _name: True, {}, snapshot.namespace.sources)
    return render(resolved, resolved.spec, configuration, catalogue)


def problems(resolved: ResolvedRuntime) -> list[tuple[str, str]]:
    """Everything that keeps the runtime, or a Connector of it, from running, as (name, sentence)."""
    of_runtime = [(resolved.name, f"{resolved.problem.reason}: {resolved.problem.message}")] if resolved.problem else []
    return of_runtime + [(name, f"{item.reason}: {item.message}") for name, item in sorted(resolved.problems.items())]

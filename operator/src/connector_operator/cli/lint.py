"""`connectors lint`: everything that is wrong with the resources in files, before a cluster sees them."""

import argparse
import difflib
from collections.abc import Iterator
from typing import Any, cast

from connector_operator.api.crd import Schema, structural
from connector_operator.api.kinds import API_VERSION, CONNECTOR, CONNECTOR_POLICY, GROUP, KINDS
from connector_operator.cli.files import Files, Loaded, kind_is, load
from connector_operator.cli.render import add_file_arguments, problems, resolve_offline
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.check import check
from connector_operator.domain.objects import Object
from connector_operator.domain.policy import policies_of, read_policy
from connector_operator.domain.problem import Problem
from connector_operator.settings import from_environment

_SCHEMAS = {(kind.kind.api_version, kind.kind.kind): structural(kind.spec) for kind in KINDS}


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("lint", help="say what is wrong with the resources in files; exits 1 when something is")
    add_file_arguments(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one line per finding: file, object, reason, sentence."""
    files = load(options.files, options.namespace)
    findings = sorted(
        {*_unknown_kinds(files), *_unknown_fields(files), *_policies(files), *_connectors(files), *_runtimes(files)}
    )
    for line in findings:
        print(line)
    if not findings:
        print(f"{len(files.loaded)} objects, nothing to complain about")
    return 1 if findings else 0


def _unknown_kinds(files: Files) -> Iterator[str]:
    """Objects of our group that no kind of ours is: a misspelt kind or version would otherwise pass as none of our business."""
    for item in files.loaded:
        version, kind = str(item.obj["apiVersion"]), item.obj["kind"]
        if version.partition("/")[0] == GROUP and (version, kind) not in _SCHEMAS:
            kinds = " or ".join(sorted(name for _, name in _SCHEMAS))
            yield _line(item, f"InvalidSpec: unknown kind {kind} of {version}; expected {kinds} of {API_VERSION}")


def _unknown_fields(files: Files) -> Iterator[str]:
    for item in files.loaded:
        schema = _SCHEMAS.get((item.obj["apiVersion"], item.obj["kind"]))
        if schema is not None:
            yield from (_line(item, f"InvalidSpec: {text}") for text in unknown(item.obj.get("spec"), schema, "spec"))


def unknown(value: Any, schema: Schema, path: str) -> Iterator[str]:
    """Members that the schema does not know, each with the nearest name that it does."""
    if isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from unknown(item, schema.get("items", {}), f"{path}[{index}]")
    known: dict[str, Schema] = schema.get("properties", {})
    if not isinstance(value, dict) or not known:
        return
    for name, member in cast("dict[str, Any]", value).items():
        if name in known:
            yield from unknown(member, known[name], f"{path}.{name}")
            continue
        near = difflib.get_close_matches(name, known, n=1)
        yield f"{path}.{name}: unknown field; " + (f"did you mean '{near[0]}'?" if near else f"expected {', '.join(known)}")


def _policies(files: Files) -> Iterator[str]:
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR_POLICY) and isinstance(problem := read_policy(item.obj), Problem):
            yield _line(item, f"{problem.reason}: {problem.message}")


def _connectors(files: Files) -> Iterator[str]:
    deny = from_environment().default_deny
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR):
            namespace = files.namespace(item.obj["metadata"]["namespace"])
            problem = check(
                item.obj, policies_of(namespace.labels, namespace.policies, default_deny=deny), namespace.sources
            ).problem
            if problem:
                yield _line(item, f"{problem.reason}: {problem.message}")


def _runtimes(files: Files) -> Iterator[str]:
    by_name = {_address(item.obj["kind"], item.obj): item for item in files.loaded}
    for snapshot in files.runtimes():
        resolved = resolve_offline(snapshot)
        for name, text in problems(resolved):
            kind = "ConnectorRuntime" if name == resolved.name and resolved.problem else "Connector"
            yield _line(by_name[kind, resolved.namespace, name], text)


def _address(kind: str, obj: Object) -> tuple[str, str, str]:
    return (kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def _line(item: Loaded, text: str) -> str:
    return f"{item.path}: {item.obj['kind']} {item.obj['metadata']['name']}: {text}"

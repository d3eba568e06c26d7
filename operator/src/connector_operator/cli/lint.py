"""`connectors lint`: everything that is wrong with the resources in files, before a cluster sees them."""

import argparse
import difflib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, cast

from connector_operator.api.conditions import Reason
from connector_operator.api.crd import Schema, structural
from connector_operator.api.kinds import API_VERSION, CONNECTOR, CONNECTOR_POLICY, GROUP, KINDS
from connector_operator.cli.arguments import add_file_arguments, add_output_argument, load_files, print_json
from connector_operator.cli.files import Files, Loaded, kind_is
from connector_operator.cli.render import problems, resolve_offline
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.check import check
from connector_operator.domain.objects import Object
from connector_operator.domain.policy import policies_of, read_policy
from connector_operator.domain.problem import Problem
from connector_operator.settings import from_environment

_SCHEMAS = {(kind.kind.api_version, kind.kind.kind): structural(kind.spec) for kind in KINDS}


@dataclass(frozen=True, slots=True, order=True)
class LintFinding:
    """One thing that is wrong, and where; `message` names the field, `reason` is as in a condition."""

    file: str
    kind: str
    namespace: str
    name: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind} {self.name}: {self.reason}: {self.message}"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("lint", help="say what is wrong with the resources in files; exits 1 when something is")
    add_file_arguments(parser)
    add_output_argument(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one line per finding: file, object, reason, sentence; 1 when there is one."""
    files = load_files(options)
    findings = lint(files)
    if options.output == "json":
        print_json([asdict(item) for item in findings])
    else:
        print("\n".join(map(str, findings)) or f"{len(files.loaded)} objects, nothing to complain about")
    return 1 if findings else 0


def lint(files: Files) -> list[LintFinding]:
    """Everything that the operator or the schemas would refuse, and what they would not know."""
    return sorted({*_unknown_kinds(files), *_unknown_fields(files), *_policies(files), *_connectors(files), *_runtimes(files)})


def _unknown_kinds(files: Files) -> Iterator[LintFinding]:
    """Objects of our group that no kind of ours is: a misspelt kind or version would otherwise pass as none of our business."""
    for item in files.loaded:
        version, kind = str(item.obj["apiVersion"]), item.obj["kind"]
        if version.partition("/")[0] == GROUP and (version, kind) not in _SCHEMAS:
            kinds = " or ".join(sorted(name for _, name in _SCHEMAS))
            yield _finding(item, Reason.INVALID_SPEC, f"unknown kind {kind} of {version}; expected {kinds} of {API_VERSION}")


def _unknown_fields(files: Files) -> Iterator[LintFinding]:
    for item in files.loaded:
        schema = _SCHEMAS.get((item.obj["apiVersion"], item.obj["kind"]))
        if schema is not None:
            for text in unknown(item.obj.get("spec"), schema, "spec"):
                yield _finding(item, Reason.INVALID_SPEC, text)


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


def _policies(files: Files) -> Iterator[LintFinding]:
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR_POLICY) and isinstance(problem := read_policy(item.obj), Problem):
            yield _finding(item, problem.reason, problem.message)


def _connectors(files: Files) -> Iterator[LintFinding]:
    deny = from_environment().default_deny
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR):
            namespace = files.namespace(item.obj["metadata"]["namespace"])
            problem = check(
                item.obj, policies_of(namespace.labels, namespace.policies, default_deny=deny), namespace.sources
            ).problem
            if problem:
                yield _finding(item, problem.reason, problem.message)


def _runtimes(files: Files) -> Iterator[LintFinding]:
    by_name = {_address(item.obj["kind"], item.obj): item for item in files.loaded}
    for snapshot in files.runtimes():
        resolved = resolve_offline(snapshot)
        for kind, name, problem in problems(resolved):
            yield _finding(by_name[kind.kind, resolved.namespace, name], problem.reason, problem.message)


def _address(kind: str, obj: Object) -> tuple[str, str, str]:
    return (kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def _finding(item: Loaded, reason: str, message: str) -> LintFinding:
    metadata = item.obj["metadata"]
    return LintFinding(str(item.path), item.obj["kind"], metadata.get("namespace", ""), metadata["name"], reason, message)

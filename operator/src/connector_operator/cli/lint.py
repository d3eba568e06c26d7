"""`connectors lint`: everything that is wrong with the resources in files, before a cluster sees them."""

import argparse
from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass

from connector_operator.api.conditions import Reason
from connector_operator.api.kinds import API_VERSION, CONNECTOR, CONNECTOR_POLICY, GROUP
from connector_operator.cli.arguments import add_file_arguments, add_output_argument, load_files, print_json
from connector_operator.cli.files import Files, Loaded, kind_is
from connector_operator.cli.outline import OUTLINES, outline_problems
from connector_operator.cli.render import catalogue_offline, problems, resolve_offline
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.check import check
from connector_operator.domain.objects import Object
from connector_operator.domain.policy import policies_of, read_policy
from connector_operator.domain.problem import Problem
from connector_operator.settings import from_environment


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
    """Everything that the operator or the schemas would refuse, and what they would not know; by file, then by object."""
    return sorted({*_outlines(files), *_policies(files), *_runtimes(files)})


def _outlines(files: Files) -> Iterator[LintFinding]:
    """Of our group also what no kind of ours is: a misspelt kind or version would otherwise pass as none of our business."""
    for item in files.loaded:
        version, kind = item.obj["apiVersion"], item.obj["kind"]
        if (version, kind) in OUTLINES:
            for text in outline_problems(item.obj):
                yield _finding(item, Reason.INVALID_SPEC, text)
        elif str(version).partition("/")[0] == GROUP:
            kinds = " or ".join(sorted(name for _, name in OUTLINES))
            yield _finding(item, Reason.INVALID_SPEC, f"unknown kind {kind} of {version}; expected {kinds} of {API_VERSION}")


def _policies(files: Files) -> Iterator[LintFinding]:
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR_POLICY) and isinstance(problem := read_policy(item.obj), Problem):
            yield _finding(item, problem.reason, problem.message)


def _runtimes(files: Files) -> Iterator[LintFinding]:
    """Every ConnectorRuntime with the Connectors that it selects, and then those that none selects."""
    by_name = {_address(item.obj["kind"], item.obj): item for item in files.loaded}
    judged: set[tuple[str, str, str]] = set()
    for snapshot in files.runtimes():
        resolved = resolve_offline(snapshot)
        judged |= {(CONNECTOR.kind, resolved.namespace, connector.name) for connector in resolved.selected}
        for kind, name, problem in problems(resolved, catalogue_offline(snapshot, resolved)):
            yield _finding(by_name[kind.kind, resolved.namespace, name], problem.reason, problem.message)
    yield from _unselected(files, judged)


def _unselected(files: Files, judged: Set[tuple[str, str, str]]) -> Iterator[LintFinding]:
    deny = from_environment().default_deny
    for item in files.loaded:
        if kind_is(item.obj, CONNECTOR) and _address(CONNECTOR.kind, item.obj) not in judged:
            namespace = files.namespace(item.obj["metadata"]["namespace"])
            policies = policies_of(namespace.labels, namespace.policies, default_deny=deny)
            if problem := check(item.obj, policies, namespace.sources).problem:
                yield _finding(item, problem.reason, problem.message)


def _address(kind: str, obj: Object) -> tuple[str, str, str]:
    return (kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def _finding(item: Loaded, reason: str, message: str) -> LintFinding:
    metadata = item.obj["metadata"]
    return LintFinding(str(item.path), item.obj["kind"], metadata.get("namespace", ""), metadata["name"], reason, message)

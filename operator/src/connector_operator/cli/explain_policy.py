"""`connectors explain-policy`: which ConnectorPolicy, and which of its entries, decided about each resource in files."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import ValidationError

from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.kinds import CONNECTOR
from connector_operator.cli.arguments import add_file_arguments, add_output_argument, load_files, print_json
from connector_operator.cli.files import Files, kind_is
from connector_operator.cli.subcommand import Subcommands
from connector_operator.domain.policy import Policy, allowing_entry, policies_of, why_refused
from connector_operator.domain.problem import invalid
from connector_operator.settings import from_environment

Verdict = Literal["Allowed", "Refused", "Audited", "Invalid"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one policy says about one Connector; `entry` is the place in its allow-list, `None` when none allows it."""

    connector: str
    policy: str
    verdict: Verdict
    entry: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.connector}: {self.verdict}: {self.message}"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("explain-policy", help="say which policy and entry allows or refuses the Connectors in files")
    add_file_arguments(parser)
    add_output_argument(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print one line per Connector and policy; 1 when a Connector is refused or cannot be read."""
    explanations = list(explain(load_files(options)))
    if options.output == "json":
        print_json([asdict(item) for item in explanations])
    else:
        for item in explanations:
            print(item)
    return 1 if any(item.verdict in ("Refused", "Invalid") for item in explanations) else 0


def explain(files: Files) -> Iterator[Explanation]:
    """Ask every policy that applies about every Connector."""
    deny = from_environment().default_deny
    for obj in (item.obj for item in files.loaded if kind_is(item.obj, CONNECTOR)):
        metadata = obj["metadata"]
        namespace = files.namespace(metadata["namespace"])
        policies = policies_of(namespace.labels, namespace.policies, default_deny=deny)
        yield from _about(f"{metadata['namespace']}/{metadata['name']}", obj.get("spec", {}), policies)


def _about(name: str, document: object, policies: Sequence[Policy]) -> Iterator[Explanation]:
    try:
        spec = ConnectorSpec.model_validate(document)
    except ValidationError as error:
        yield Explanation(name, "", "Invalid", None, invalid(error).message)
        return
    if not policies:
        yield Explanation(name, "", "Allowed", None, "no ConnectorPolicy selects its namespace, and the default is to allow")
    for policy in policies:
        yield _verdict(name, spec, policy)


def _verdict(name: str, spec: ConnectorSpec, policy: Policy) -> Explanation:
    if why := why_refused(spec, policy):
        return Explanation(name, policy.name, "Refused" if policy.enforced else "Audited", None, why)
    entry = allowing_entry(spec, policy)
    return Explanation(name, policy.name, "Allowed", entry, f"ConnectorPolicy '{policy.name}' spec.connectors[{entry}]")

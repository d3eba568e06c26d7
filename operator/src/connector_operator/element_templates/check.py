"""Everything that can be said about element templates: one, or a file of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from connector_operator.element_templates.documents import Document
from connector_operator.element_templates.findings import Finding, Level, Path, Rule, pointer
from connector_operator.element_templates.lint_frame import frame
from connector_operator.element_templates.lint_properties import properties
from connector_operator.element_templates.lint_structure import structure
from connector_operator.element_templates.modeler import refusals
from connector_operator.element_templates.view import TemplateView


def check_template(template: Any) -> list[Finding]:
    """All findings about one template: first why Modeler would drop it, then what makes it a bad one."""
    found = list(refusals(template))
    if isinstance(template, dict):
        view = TemplateView(cast("dict[str, Any]", template))
        found += [finding for rules in (structure, properties, frame) for finding in rules(view)]
    return found


def why_refused(template: Any) -> Finding | None:
    """The first reason why Modeler would drop a template; None when it loads."""
    return next(refusals(template), None)


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One finding with its file and line."""

    file: str
    line: int
    template: str
    """The id of the template, or empty."""
    place: str
    """Where in the file, such as `properties[3].group`."""
    finding: Finding

    @property
    def is_error(self) -> bool:
        """Whether the file must be corrected."""
        return self.finding.rule.level is Level.ERROR


def check_files(documents: Mapping[str, Document]) -> Iterator[FileFinding]:
    """Check the templates of several files, by file name, also against each other; in the order of files and lines."""
    seen: dict[tuple[str, Any], str] = {}
    for file, document in documents.items():
        found = [*document.findings]
        for path, template in _templates(document):
            findings = check_template(template)
            findings += _taken(template, seen, file)
            found += [replace(finding, path=(*path, *finding.path)) for finding in findings]
        yield from sorted(_placed(file, document, found), key=lambda item: item.line)


def _templates(document: Document) -> Iterable[tuple[Path, Any]]:
    """The templates of a file, which holds one or a list of them; none when it could not be read."""
    if any(finding.rule is Rule.NOT_JSON for finding in document.findings):
        return []
    if isinstance(document.value, list):
        return [((index,), item) for index, item in enumerate(cast("list[Any]", document.value))]
    return [((), document.value)]


def _taken(template: Any, seen: dict[tuple[str, Any], str], file: str) -> Iterator[Finding]:
    if not isinstance(template, dict):
        return
    members = cast("dict[str, Any]", template)
    identifier, version = members.get("id"), members.get("version")
    if not isinstance(identifier, str) or not isinstance(version, int | None):
        return
    if (other := seen.get((identifier, version))) is not None:
        message = f"'{identifier}' {'without version' if version is None else f'version {version}'} is also in '{other}'"
        yield Finding(Rule.TAKEN, ("id",), message, "raise the version, or choose another id")
    seen[identifier, version] = file


def _placed(file: str, document: Document, findings: Iterable[Finding]) -> Iterator[FileFinding]:
    for finding in findings:
        yield FileFinding(file, document.line(finding.path), _template_id(document, finding.path), pointer(finding.path), finding)


def _template_id(document: Document, path: Path) -> str:
    value = document.value
    if isinstance(value, list):
        index = path[0] if path and isinstance(path[0], int) else None
        value = cast("list[Any]", value)[index] if index is not None else None
    identifier = cast("dict[str, Any]", value).get("id") if isinstance(value, dict) else None
    return identifier if isinstance(identifier, str) else ""

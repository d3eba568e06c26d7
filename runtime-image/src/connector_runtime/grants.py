"""Where a job's variables may hold secret placeholders: only where the diagram's input mappings wrote them.

Process data that happens to look like a placeholder, or was sent to look like one, then stays the text that it is.
Mappings: https://docs.camunda.io/docs/components/concepts/variables/#input-mappings
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from connector_runtime.placeholders import names_in

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
INPUTS = f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}input"

Path = tuple[str, ...]


class DiagramError(Exception):
    """The text is no BPMN diagram that can be read."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Which secrets may be named at which paths of the variables, and below them."""

    names: Mapping[Path, frozenset[str]] = field(default_factory=dict[Path, frozenset[str]])

    @classmethod
    def of(cls, texts: Iterable[tuple[Path, str]]) -> "Grant":
        """What texts that stand at paths name themselves."""
        names: dict[Path, frozenset[str]] = {}
        for path, text in texts:
            if found := names_in(text):
                names[path] = names.get(path, frozenset()) | found
        return cls(names)

    def __or__(self, other: "Grant") -> "Grant":
        """What either grants."""
        paths = self.names.keys() | other.names.keys()
        return Grant({path: self.names.get(path, frozenset()) | other.names.get(path, frozenset()) for path in paths})


NOTHING = Grant()


def grants_of(diagram: bytes) -> dict[str, Grant]:
    """What each element of a BPMN diagram grants, by its id; raises DiagramError."""
    if b"<!DOCTYPE" in diagram:
        msg = "the diagram has a document type declaration, which no modeler writes"
        raise DiagramError(msg)
    try:
        root = ElementTree.fromstring(diagram)  # noqa: S314 - without a document type there are no entities to expand
    except ElementTree.ParseError as error:
        msg = f"the diagram is not well-formed: {error}"
        raise DiagramError(msg) from error
    granted = ((element.get("id", ""), Grant.of(_mapped(element))) for element in root.iter())
    return {identifier: grant for identifier, grant in granted if identifier and grant.names}


def _mapped(element: ElementTree.Element) -> Iterable[tuple[Path, str]]:
    for mapping in element.iterfind(INPUTS):
        target = mapping.get("target", "").removeprefix("=").strip()
        yield tuple(target.split(".")), mapping.get("source", "")

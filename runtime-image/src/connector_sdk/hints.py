"""What an input model cannot say about its element template by types alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class TemplateHint:
    """How one field of an input model looks in Modeler: `Annotated[str, TemplateHint(group="endpoint")]`.

    Whatever is left out follows from the field's type. On a nested model, `group` and `condition` hold for all its fields; with a
    `type` it is one property, an expression of the whole model, instead of one for each field.
    """

    group: str | None = None
    """A group id such as `endpoint`; its label is the id in words."""
    label: str | None = None
    tooltip: str | None = None
    type: Literal["String", "Text", "Hidden", "Dropdown", "Boolean", "Number"] | None = None
    feel: Literal["required", "optional", "static", "disabled"] | None = None
    language: Literal["json", "html"] | None = None
    condition: Mapping[str, Any] | None = None
    """An element-template condition whose `property` is the dotted path of another field of the same input."""
    choices: Mapping[str, str] | None = None
    """Labels of a Dropdown's values; a value without one is its own label."""
    pattern_message: str | None = None
    """What Modeler says about a text that does not match the field's pattern."""
    not_empty: bool = False
    """Must be filled in where it is shown, though the model may leave it out because not every input has it."""
    hidden: bool = False
    """Not part of the element template: the field keeps its default unless the process sets it by hand."""
    header: bool = False
    """Bound to a task header instead of an input mapping."""

"""What can be wrong with an element template, each with its sentence."""

from dataclasses import dataclass
from enum import Enum, StrEnum

Path = tuple[str | int, ...]
"""Members and indices from the template's root, such as `("properties", 3, "group")`."""


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """Modeler refuses the template, or offers what cannot work."""
    WARNING = "warning"
    """It works, and somebody will be surprised."""


class Rule(Enum):
    """The rules by their names: level and what holds for a good template."""

    NOT_JSON = ("not-json", Level.ERROR, "the file is JSON in UTF-8")
    DUPLICATE_KEY = ("duplicate-key", Level.ERROR, "an object has each member once; Web Modeler refuses it otherwise")

    NOT_AN_OBJECT = ("not-an-object", Level.ERROR, "an element template is a JSON object")
    SCHEMA_ATTRIBUTE = ("schema-attribute", Level.ERROR, "'$schema' names the schema of Camunda 8 element templates")
    SCHEMA_TOO_NEW = ("schema-too-new", Level.ERROR, "'$schema' is of no newer version than Modeler's own")
    TAKEN = ("id-version-taken", Level.ERROR, "no two templates have the same id and version")
    ELEMENT_TYPE = ("element-type", Level.ERROR, "the element type is one of 'appliesTo' and all of those can become it")
    CONFIGURATION = ("configuration", Level.ERROR, "configuration templates and Configuration properties are complete")
    SCHEMA = ("schema", Level.ERROR, "the template matches the JSON schema")
    ENGINE_RANGE = ("engine-range", Level.ERROR, "'engines' holds semantic version ranges")

    CONDITION_TARGET = ("condition-target", Level.ERROR, "a condition names the id of a property")
    CONDITION_ITSELF = ("condition-on-itself", Level.ERROR, "a property does not depend on itself")
    CONDITION_ORDER = ("condition-order", Level.WARNING, "a property comes after the one that its condition names")
    CONDITION_VALUE = ("condition-value", Level.ERROR, "a condition compares with a choice that its Dropdown has")
    CONDITION_CONTRADICTION = ("condition-contradiction", Level.ERROR, "the conditions of a property can hold together")
    CONDITION_CYCLE = ("condition-cycle", Level.ERROR, "properties do not depend on each other in a circle")
    DUPLICATE_ID = ("duplicate-property-id", Level.ERROR, "an id is of one property, or of several that exclude each other")
    DUPLICATE_BINDING = ("duplicate-binding", Level.ERROR, "one place of the diagram is written by one property at a time")
    GROUP_TARGET = ("group-target", Level.ERROR, "a property's group is one of 'groups'")
    DUPLICATE_GROUP = ("duplicate-group-id", Level.ERROR, "groups have ids of their own")
    EMPTY_GROUP = ("empty-group", Level.WARNING, "a group has properties")
    DEFAULT_CHOICE = ("default-choice", Level.ERROR, "the value of a Dropdown is one of its choices")
    DUPLICATE_CHOICE = ("duplicate-choice-value", Level.ERROR, "the choices of a Dropdown have values of their own")
    DUPLICATE_CHOICE_NAME = ("duplicate-choice-name", Level.WARNING, "the choices of a Dropdown have names of their own")
    HEADER_VERSION = ("header-version", Level.ERROR, "the header 'elementTemplateVersion' is the template's version")
    HEADER_ID = ("header-id", Level.ERROR, "the header 'elementTemplateId' is the template's id")
    TASK_TYPE_MISSING = ("task-type-missing", Level.ERROR, "a service task has a job type")
    TASK_TYPE_FORM = ("task-type-form", Level.WARNING, "the job type is bound as zeebe:taskDefinition with property 'type'")
    VERSION_MISSING = ("version-missing", Level.WARNING, "a template has a version, so that a diagram can keep it")
    ENGINES_MISSING = ("engines-missing", Level.WARNING, "'engines.camunda' says which Camunda the template is for")
    SCHEMA_PINNED = ("schema-pinned", Level.WARNING, "'$schema' names no version, since older Modelers refuse newer ones")
    ICON_SIZE = ("icon-size", Level.WARNING, "an icon has at most 8 KiB")
    ICON_ADDRESS = ("icon-address", Level.WARNING, "an icon is part of the template, not loaded from the network")
    HIDDEN_VALUE = ("hidden-value", Level.WARNING, "a Hidden property has a value")
    OPTIONAL_INPUT = ("optional-input", Level.WARNING, "an input mapping is not 'optional', which is deprecated")
    EMPTY_INPUT = ("empty-input", Level.ERROR, "an input mapping that may stay empty has no value instead of an empty one")
    PATTERN = ("pattern", Level.ERROR, "a pattern is a regular expression")
    DEFAULT_CONSTRAINT = ("default-constraint", Level.WARNING, "a value keeps to the property's own constraints")
    DEFAULT_EXPRESSION = ("default-expression", Level.WARNING, "the value of a property that needs FEEL starts with '='")
    LENGTHS = ("lengths", Level.ERROR, "minLength is not above maxLength")
    LABEL_MISSING = ("label-missing", Level.WARNING, "a property that people fill in has a label")
    DOCUMENTATION = ("documentation-address", Level.WARNING, "'documentationRef' is an https address")
    SECRET_VALUE = ("secret-value", Level.WARNING, "a password or token is a secret placeholder, never in the template")
    ID_FORM = ("id-form", Level.ERROR, "an id has 1 to 200 characters and no blanks")
    SIZE = ("size", Level.ERROR, "a template fits into a ConfigMap")

    def __init__(self, word: str, level: Level, sentence: str) -> None:
        self.word = word
        self.level = level
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one template."""

    rule: Rule
    path: Path
    message: str
    fix: str

    @property
    def text(self) -> str:
        """The finding in one line, without its place."""
        return f"{self.message}; {self.fix} [{self.rule.word}]"


def pointer(path: Path) -> str:
    """A path as people write it: `properties[3].group`; empty for the template itself."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")

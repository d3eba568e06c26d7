"""The reference page of the three kinds as Markdown: every field, rule, condition and reason.

It is made from the CustomResourceDefinitions, so it says what the API server enforces and not what a model intends.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from connector_operator.api.conditions import REASONS, ConditionType, Reason, Waits
from connector_operator.api.crd import Schema, crd
from connector_operator.api.kinds import API_VERSION, KINDS, CustomKind

HEADER = f"""\
<!-- Generated from operator/src/connector_operator/api; do not edit. -->

# Reference

Group and version of all kinds: `{API_VERSION}`. `kubectl explain` says the same. In a path, `[]` is an item of a list and
`{{}}` a value of a map. A field without a default and not marked *required* may be left out. Unknown fields are refused by
`kubectl apply` and `connectors lint`, and dropped by the API server.

`Ready` is true when every other condition is, and has then the reason `Ready`; otherwise it has the reason and the message of
the first condition that fails, with one exception: a Connector whose `Published` is false with the reason `Disabled` is ready.
When that reason *waits for you*, somebody has to change something, and the condition `Stalled` is there, too. When it *waits
for the cluster*, time or an object that has yet to appear can make it good, and the condition `Reconciling` is there, too.
"""

_WAITS = {Waits.NOBODY: "–", Waits.SYSTEM: "the cluster", Waits.USER: "you"}

_BOUNDS = (
    ("minLength", "maxLength", "characters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", "items"),
    ("minProperties", "maxProperties", "members"),
)


@dataclass(frozen=True, slots=True)
class _Field:
    """One member of a schema and where it stands."""

    path: str
    schema: Schema
    required: bool


def reference() -> str:
    """Return the whole page."""
    return "\n".join([HEADER, *(_kind(kind) for kind in KINDS)])


def _kind(kind: CustomKind) -> str:
    root = crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    scope = "Lives in a namespace" if kind.kind.namespaced else "Belongs to the whole cluster"
    scale = "; has the subresource `scale`, for `kubectl scale` and autoscalers" if kind.scale else ""
    parts = [
        f"## {kind.kind.kind}\n\n{kind.description}\n",
        f"{scope}; short name `{kind.short_name}`, category `camunda`{scale}.\n",
        f"### {kind.kind.kind}: spec\n\n{_table_of_fields(root['properties']['spec'])}",
        _rules(root),
        f"### {kind.kind.kind}: status\n\n{_table_of_fields(root['properties']['status'])}",
        f"### {kind.kind.kind}: conditions\n\n{_table_of_reasons(REASONS[kind.kind.kind])}",
        f"### {kind.kind.kind}: columns of `kubectl get`\n\n{_table_of_columns(kind)}",
    ]
    return "\n".join(part for part in parts if part)


def _table_of_fields(schema: Schema) -> str:
    rows = (
        (_code(field.path), _type(field.schema), _default(field), _bounds(field.schema), field.schema.get("description", ""))
        for field in _fields(schema, "")
    )
    return _table(("Field", "Type", "Default", "Bounds", "Meaning"), rows)


def _fields(schema: Schema, prefix: str) -> Iterator[_Field]:
    """All members below a schema, parents before children, in the order in which they are written down."""
    required = cast("list[str]", schema.get("required", []))
    for name, member in _properties(schema).items():
        field = _Field(f"{prefix}{name}", member, name in required)
        yield field
        inner, suffix = _inner(member)
        yield from _fields(inner, f"{field.path}{suffix}.")


def _inner(schema: Schema) -> tuple[Schema, str]:
    """The schema whose members stand below this one, and how a path goes there."""
    if "items" in schema:
        return schema["items"], "[]"
    if "additionalProperties" in schema:
        return schema["additionalProperties"], "{}"
    return schema, ""


def _properties(schema: Schema) -> Mapping[str, Schema]:
    return cast("Mapping[str, Schema]", schema.get("properties", {}))


def _type(schema: Schema) -> str:
    if schema.get("x-kubernetes-int-or-string"):
        return "integer or string"
    if "items" in schema:
        keys = ", ".join(_code(key) for key in schema.get("x-kubernetes-list-map-keys", ()))
        kind = f", one per {keys}" if keys else ", each once" if schema.get("x-kubernetes-list-type") == "set" else ""
        return f"list of {_type(schema['items'])}{kind}"
    if "additionalProperties" in schema:
        return f"map to {_type(schema['additionalProperties'])}"
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return "any object"
    return str(schema.get("format", schema["type"]))


def _default(field: _Field) -> str:
    if field.required:
        return "*required*"
    default = field.schema.get("default")
    if default is None or default == {}:
        return ""
    return _code(str(default).lower() if isinstance(default, bool) else str(default))


def _bounds(schema: Schema) -> str:
    """The bounds of a field and, after a semicolon, those of its items or values when they are scalars."""
    inner, suffix = _inner(schema)
    own = _own_bounds(schema)
    if suffix and not _properties(inner) and (each := _own_bounds(inner)):
        own.append(f"each {', '.join(each)}")
    return "; ".join(own)


def _own_bounds(schema: Schema) -> list[str]:
    found = [_between(schema.get(low), schema.get(high), unit) for low, high, unit in _BOUNDS if low in schema or high in schema]
    if "enum" in schema:
        found.append(" or ".join(_code(str(value)) for value in schema["enum"]))
    if "pattern" in schema:
        found.append(_code(schema["pattern"]))
    return found


def _between(low: Any, high: Any, unit: str) -> str:
    if high is None:
        text = f"{low} or more"
    elif low is None:
        text = f"at most {high}"
    else:
        text = f"{low} to {high}"
    return f"{text} {unit}".rstrip()


def _rules(root: Schema) -> str:
    rows = [(_code(path), rule["message"], _code(rule["rule"])) for path, rule in _rules_below(root, "")]
    if not rows:
        return ""
    return f"Rules that the API server checks beyond the table:\n\n{_table(('Where', 'What it asks for', 'CEL'), rows)}"


def _rules_below(schema: Schema, path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for rule in schema.get("x-kubernetes-validations", ()):
        yield path or "(the object)", rule
    inner, suffix = _inner(schema)
    if suffix:
        yield from _rules_below(inner, f"{path}{suffix}")
        return
    for name, member in _properties(schema).items():
        yield from _rules_below(member, f"{path}.{name}" if path else name)


def _table_of_reasons(conditions: Mapping[ConditionType, tuple[Reason, ...]]) -> str:
    rows = (
        (_code(condition), _code(reason), _WAITS[reason.waits], reason.sentence)
        for condition, reasons in conditions.items()
        for reason in reasons
    )
    return _table(("Condition", "Reason", "Waits for", "Meaning"), rows)


def _table_of_columns(kind: CustomKind) -> str:
    rows = (
        (column["name"] + (" (with `-o wide`)" if column.get("priority") else ""), _code(column["jsonPath"]))
        for column in kind.columns
    )
    return _table(("Column", "From"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    """A text that cannot end its cell: GitHub's Markdown wants `\\|` also inside code."""
    return text.replace("|", r"\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`"

"""From the models to CustomResourceDefinitions: pydantic's JSON schema made structural.

What differs between the two dialects is listed in the Kubernetes documentation under "Specifying a structural schema"; each
rewrite below names its reason. A shape that no structural schema can say raises `UnstructuralSchemaError` while generating.
"""

from typing import Any, cast

from pydantic import BaseModel

from connector_operator.api.fields import NAME_RULE
from connector_operator.api.kinds import KINDS, CustomKind

Schema = dict[str, Any]

_KEPT = frozenset(
    {
        "type", "description", "default", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum",
        "minItems", "maxItems", "minProperties", "maxProperties", "required", "format",
    }
)  # fmt: skip


class UnstructuralSchemaError(ValueError):
    """A model uses a shape that a CustomResourceDefinition cannot express."""


def structural(model: type[BaseModel]) -> Schema:
    """Return the structural schema of one model, references inlined, with the rules that its fields carry."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return _rewrite(schema, schema.get("$defs", {}), path=model.__name__)


def _rewrite(node: Schema, definitions: Schema, *, path: str) -> Schema:
    node = _without_null(_inlined(node, definitions), definitions, path=path)
    result: Schema = {key: value for key, value in node.items() if key in _KEPT or key.startswith("x-kubernetes-")}
    if "x-kubernetes-int-or-string" in result:
        return {key: value for key, value in result.items() if key != "type"}
    if "const" in node:
        result["enum"] = [node["const"]]
    if "anyOf" in node or "oneOf" in node or "prefixItems" in node:
        raise UnstructuralSchemaError(f"cannot express {path} in a CustomResourceDefinition: make its members optional")
    if "items" in node:
        result["items"] = _rewrite(node["items"], definitions, path=f"{path}[]")
    if node.get("properties"):
        result["properties"] = {
            name: _rewrite(child, definitions, path=f"{path}.{name}") for name, child in node["properties"].items()
        }
    if node.get("type") == "object" and "properties" not in node:  # a map, or free-form JSON
        result |= _map_values(node.get("additionalProperties", True), definitions, path=path)
    return _with_useful_default(result)


def _inlined(node: Schema, definitions: Schema) -> Schema:
    """Replace a reference by what it refers to; what stands beside the reference wins."""
    if "$ref" not in node:
        return node
    target = definitions[node["$ref"].rsplit("/", 1)[1]]
    beside = {key: value for key, value in node.items() if key != "$ref"}
    return {**_inlined(target, definitions), **beside}


def _without_null(node: Schema, definitions: Schema, *, path: str) -> Schema:
    """An optional member is one that may be absent: no structural schema needs `null` for it."""
    if "anyOf" not in node or "x-kubernetes-int-or-string" in node:
        return node
    choices = [choice for choice in cast("list[Schema]", node["anyOf"]) if choice.get("type") != "null"]
    if len(choices) != 1:
        raise UnstructuralSchemaError(f"cannot express the union at {path} in a CustomResourceDefinition")
    beside = {key: value for key, value in node.items() if key != "anyOf"}
    return {**_inlined(choices[0], definitions), **beside}


def _map_values(values: Any, definitions: Schema, *, path: str) -> Schema:
    if isinstance(values, dict):
        return {"additionalProperties": _rewrite(cast("Schema", values), definitions, path=f"{path}{{}}")}
    return {"x-kubernetes-preserve-unknown-fields": True}


def _with_useful_default(schema: Schema) -> Schema:
    """Keep a default only where it changes what is read.

    The API server prunes null, and an empty list or map in every stored object is noise in a GitOps diff. An object keeps
    the default `{}` when members below it have defaults, since those only apply where their parent exists.
    """
    default = schema.pop("default", None)
    if "properties" in schema:
        has_inner = any("default" in child for child in schema["properties"].values())
        return schema | {"default": {}} if has_inner and default is not None else schema
    return schema if default in (None, "", [], {}) else schema | {"default": default}


def crd(kind: CustomKind) -> Schema:
    """Return the complete CustomResourceDefinition of one kind, in the form that the API server keeps it."""
    names = {
        "kind": kind.kind.kind,
        "listKind": f"{kind.kind.kind}List",
        "plural": kind.kind.plural,
        "singular": kind.kind.kind.lower(),
        "shortNames": [kind.short_name],
        "categories": ["camunda"],
    }
    version: Schema = {
        "name": kind.kind.version,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _root(kind)},
        "subresources": {"status": {}} | ({"scale": kind.scale} if kind.scale else {}),
        "additionalPrinterColumns": list(kind.columns),
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.kind.plural}.{kind.kind.group}"},
        "spec": {
            "group": kind.kind.group,
            "names": names,
            "scope": "Namespaced" if kind.kind.namespaced else "Cluster",
            "versions": [version],
        },
    }


def _root(kind: CustomKind) -> Schema:
    return {
        "description": kind.description,
        "type": "object",
        "required": ["spec"],
        **(NAME_RULE if kind.kind.namespaced else {}),
        "properties": {
            "apiVersion": {"type": "string", "description": "Always connectors.camunda.io/v1alpha1."},
            "kind": {"type": "string", "description": f"Always {kind.kind.kind}."},
            "metadata": {"type": "object"},
            "spec": structural(kind.spec),
            # until the first visit it must not look as if nothing were to be waited for: kstatus takes no status for ready
            "status": structural(kind.status) | {"default": {"observedGeneration": -1}},
        },
    }


def crds() -> list[Schema]:
    """Return the CustomResourceDefinitions of all kinds, in the order in which they are documented."""
    return [crd(kind) for kind in KINDS]

"""From a job's variables to the input of a connector function."""

from collections.abc import Iterator

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from connector_runtime.json_values import Json, is_object
from connector_runtime.placeholders import holds_placeholder
from connector_runtime.validation import describe
from connector_sdk import InputError, TemplateHint

Path = tuple[str, ...]


class InputBinding:
    """Binds variables to an input model (or to nothing: then the function takes them as they are)."""

    def __init__(self, model: type[BaseModel] | None) -> None:
        if model is not None:
            model.model_rebuild()  # a model may name one that is defined after it
        self._adapter: TypeAdapter[BaseModel] | None = TypeAdapter(model) if model else None
        self._defaults = dict(_placeholder_defaults(model)) if model else {}
        self.default_placeholders = tuple(self._defaults.items())
        """Where in the variables the author put secret placeholders."""
        self.header_fields = _header_fields(model)
        """The fields that come from the job's headers."""
        self.fetch_variables = _fetch_variables(model)
        """The variables that the job needs; empty: all."""

    def with_defaults(self, variables: dict[str, Json]) -> dict[str, Json]:
        """Fill in defaults that hold a secret placeholder, so that they are replaced like what the process wrote."""
        for path, default in self._defaults.items():
            parent: Json = variables
            for part in path[:-1]:
                parent = parent.get(part) if is_object(parent) else None
            if is_object(parent):
                parent.setdefault(path[-1], default)
        return variables

    def bind(self, variables: dict[str, Json]) -> BaseModel | dict[str, Json]:
        """Make the function's first argument; raises InputError that names the field and never shows a value."""
        if self._adapter is None:
            return variables
        try:
            return self._adapter.validate_python(variables)
        except ValidationError as error:
            first = error
        if _amended(variables, first):
            try:
                return self._adapter.validate_python(variables)
            except ValidationError as error:
                first = error
        msg = f"cannot use the input of this job: {describe(first)}"
        raise InputError(msg) from None


def _fetch_variables(model: type[BaseModel] | None) -> tuple[str, ...]:
    if model is None or model.model_config.get("extra") == "allow":
        return ()
    fields = model.model_fields.items()
    return tuple(sorted(input_name(name, field) for name, field in fields if not template_hint(field).header))


def _header_fields(model: type[BaseModel] | None) -> tuple[str, ...]:
    fields = model.model_fields if model else {}
    return tuple(input_name(name, field) for name, field in fields.items() if template_hint(field).header)


def template_hint(field: FieldInfo) -> TemplateHint:
    """What the author wrote about a field's look in Modeler."""
    return next((item for item in field.metadata if isinstance(item, TemplateHint)), TemplateHint())


def input_name(name: str, field: FieldInfo) -> str:
    """The name by which a job's variables carry a field."""
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    return alias if isinstance(alias, str) else name


def _placeholder_defaults(
    model: type[BaseModel], prefix: Path = (), above: tuple[type[BaseModel], ...] = ()
) -> Iterator[tuple[Path, str]]:
    for name, field in model.model_fields.items():
        path = (*prefix, input_name(name, field))
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        if isinstance(default, str) and holds_placeholder(default):
            yield path, default
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in (*above, model):
            yield from _placeholder_defaults(annotation, path, (*above, model))


def _amended(variables: dict[str, Json], error: ValidationError) -> bool:
    """Put right, in place, what Modeler cannot say better; return whether there was anything.

    A static `42` reaches the job as a number even where a text is asked for, and a field that was left empty as null even
    where leaving it out is meant.
    """
    amended = False
    for detail in error.errors(include_url=False, include_context=False):
        value = detail["input"]
        if value is None:
            amended |= _amend(variables, detail["loc"], None)
        elif detail["type"] == "string_type" and isinstance(value, bool | int | float):
            amended |= _amend(variables, detail["loc"], str(value).lower() if isinstance(value, bool) else str(value))
    return amended


def _amend(document: Json, location: tuple[int | str, ...], text: str | None) -> bool:
    """Put `text` at a location, or remove what is there.

    A location as pydantic gives it also names variants of unions, which the document does not have.
    """
    value = document
    holder, key = document, location[0]
    for part in location:
        if is_object(value) and part in value:
            holder, key, value = value, part, value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            holder, key, value = value, part, value[part]
    if is_object(value) or isinstance(value, list):
        return False
    if is_object(holder):
        if text is None:
            del holder[str(key)]
        else:
            holder[str(key)] = text
        return True
    if isinstance(holder, list) and text is not None:
        holder[int(key)] = text
        return True
    return False

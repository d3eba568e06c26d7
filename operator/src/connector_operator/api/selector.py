"""Label selectors as Kubernetes writes them."""

from typing import Annotated, Literal

from pydantic import Field

from connector_operator.api.fields import Spec, list_atomic

LabelKey = Annotated[str, Field(min_length=1, max_length=317)]
LabelValue = Annotated[str, Field(max_length=63)]


class SelectorRequirement(Spec):
    """One condition on one label."""

    key: LabelKey = Field(description="The label's key.")
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(
        description="In and NotIn compare with values; Exists and DoesNotExist take none."
    )
    values: Annotated[tuple[LabelValue, ...], Field(max_length=100, json_schema_extra=list_atomic())] = Field(
        default=(), description="The values that In and NotIn compare with."
    )


class LabelSelector(Spec):
    """A label selector: all of its parts must match; an empty one matches everything."""

    match_labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=100)] = Field(
        default={}, description="Labels that must have exactly these values."
    )
    match_expressions: Annotated[tuple[SelectorRequirement, ...], Field(max_length=100, json_schema_extra=list_atomic())] = Field(
        default=(), description="Further conditions on labels."
    )

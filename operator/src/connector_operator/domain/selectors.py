"""Label selectors and globs: does this match?"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from connector_operator.api.selector import LabelSelector, SelectorRequirement


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Say whether a label selector matches, by the rules of Kubernetes: all parts must hold, an empty selector matches."""
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        _holds(requirement, labels) for requirement in selector.match_expressions
    )


def _holds(requirement: SelectorRequirement, labels: Mapping[str, str]) -> bool:
    present = requirement.key in labels
    match requirement.operator:
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            # a label that is absent is not one of the values, as the API server sees it
            return not present or labels[requirement.key] not in requirement.values


def matches_any(globs: Iterable[str], text: str) -> bool:
    """Say whether one of the anchored globs matches: `*` is any text, `?` any one character."""
    return any(_compiled(glob).fullmatch(text) for glob in globs)


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    """Compile so that matching takes no more than length times length: a `*` never takes back what it has passed over.

    The first place where the text after a `*` fits is as good as any later one, unless it is the last: that one is anchored.
    """
    first, *rest = [
        "".join("." if char == "?" else re.escape(char) for char in part) for part in re.sub(r"\*+", "*", glob).split("*")
    ]
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + f".*{last}", re.DOTALL)

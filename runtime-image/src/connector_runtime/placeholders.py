"""Secret placeholders in job variables: `{{secrets.NAME}}`, and the older bare `secrets.NAME`.

They are replaced inside the strings of the parsed variables, so a value can never change the structure around it, and in
one pass, so a value that looks like a placeholder stays what it is.
Syntax: https://docs.camunda.io/docs/components/connectors/use-connectors/#using-secrets
"""

import re
from collections.abc import Callable, Mapping

from connector_runtime.json_values import Json
from connector_sdk import InputError

PLACEHOLDER = re.compile(
    r"\{\{\s*secrets\.(?P<braced>[^\s{}]+)\s*\}\}"
    r"|(?<![A-Za-z0-9_])secrets\.(?P<bare>(?:[A-Za-z0-9]+[/._-])*[A-Za-z0-9]+)"
)
MAX_DEPTH = 200
TOO_DEEP = f"cannot read the variables of this job: they are nested more than {MAX_DEPTH} deep"

Path = tuple[str, ...]


class SecretNotMountedError(Exception):
    """A declared secret has no file at this moment: not the job's fault, and not for ever."""


class _Place:
    """A place in the variables, and what may be named there."""

    __slots__ = ("_granted", "_path", "depth", "names", "secrets")

    def __init__(
        self,
        secrets: Mapping[str, str],
        granted: Mapping[Path, frozenset[str]],
        path: Path | None = (),
        above: "_Place | None" = None,
    ) -> None:
        self.secrets = secrets
        self._granted = granted
        self._path = path
        """None: inside a list, which the target of a mapping cannot point into."""
        here: frozenset[str] = granted.get(path, frozenset()) if path is not None else frozenset()
        self.names: frozenset[str] = here if above is None else above.names | here
        self.depth: int = 0 if above is None else above.depth + 1

    def below(self, key: str | None) -> "_Place":
        """The place of a member, or of an item."""
        path = None if key is None or self._path is None else (*self._path, key)
        return _Place(self.secrets, self._granted, path, self)


class Placeholders:
    """Replaces the placeholders that one Connector may use."""

    def __init__(self, connector: str, may_appear: Callable[[str], bool]) -> None:
        """`may_appear` says of a name without a value whether it is the Connector's all the same."""
        self._connector = connector
        self._may_appear = may_appear

    def replace(self, value: Json, secrets: Mapping[str, str]) -> Json:
        """Return `value` with every placeholder replaced.

        Raises InputError for a name that the Connector does not declare, SecretNotMountedError for one without a file.
        """
        return self._replace(value, secrets, MAX_DEPTH)

    def replace_granted(self, value: Json, secrets: Mapping[str, str], granted: Mapping[Path, frozenset[str]]) -> Json:
        """Like `replace`, but only at and below the paths that are granted, and there only the names that they grant."""
        return self._replace_granted(value, _Place(secrets, granted))

    def _replace_granted(self, value: Json, place: "_Place") -> Json:
        if isinstance(value, str):
            return self._replace_text(value, place.secrets, place.names)
        if not isinstance(value, dict | list):
            return value
        if place.depth > MAX_DEPTH:
            raise InputError(TOO_DEEP)
        if isinstance(value, dict):
            return {
                self._replace_text(key, place.secrets, place.names): self._replace_granted(member, place.below(key))
                for key, member in value.items()
            }
        return [self._replace_granted(item, place.below(None)) for item in value]

    def _replace(self, value: Json, secrets: Mapping[str, str], depth: int) -> Json:
        if isinstance(value, str):
            return self._replace_text(value, secrets)
        if not isinstance(value, dict | list):
            return value
        if depth == 0:
            raise InputError(TOO_DEEP)
        if isinstance(value, dict):
            return {self._replace_text(key, secrets): self._replace(member, secrets, depth - 1) for key, member in value.items()}
        return [self._replace(item, secrets, depth - 1) for item in value]

    def _replace_text(self, text: str, secrets: Mapping[str, str], granted: frozenset[str] | None = None) -> str:
        if "secrets." not in text:
            return text

        def value(match: re.Match[str]) -> str:
            name = match["braced"] or match["bare"]
            return self._value(name, secrets) if granted is None or name in granted else match[0]

        return PLACEHOLDER.sub(value, text)

    def _value(self, name: str, secrets: Mapping[str, str]) -> str:
        if name in secrets:
            return secrets[name]
        if self._may_appear(name):
            msg = f"cannot resolve secret '{name}': its file is not mounted now"
            raise SecretNotMountedError(msg)
        msg = f"cannot resolve secret '{name}': Connector '{self._connector}' has no such secret, add it to spec.secrets"
        raise InputError(msg)


def may_hold_placeholder(document: str) -> bool:
    """Whether a JSON document has to be looked through: it has a placeholder, or may be nested too deep."""
    return "secrets." in document or "\\u" in document or document.count("{") + document.count("[") > MAX_DEPTH


def holds_placeholder(text: str) -> bool:
    """Whether a text has a placeholder in it."""
    return PLACEHOLDER.search(text) is not None


def names_in(text: str) -> frozenset[str]:
    """The secrets that a text names."""
    return frozenset(match["braced"] or match["bare"] for match in PLACEHOLDER.finditer(text))

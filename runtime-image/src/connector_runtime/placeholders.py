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


class SecretNotMountedError(Exception):
    """A declared secret has no file at this moment: not the job's fault, and not for ever."""


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

    def _replace(self, value: Json, secrets: Mapping[str, str], depth: int) -> Json:
        if isinstance(value, str):
            return self._replace_text(value, secrets)
        if not isinstance(value, dict | list):
            return value
        if depth == 0:
            msg = f"cannot read the variables of this job: they are nested more than {MAX_DEPTH} deep"
            raise InputError(msg)
        if isinstance(value, dict):
            return {self._replace_text(key, secrets): self._replace(member, secrets, depth - 1) for key, member in value.items()}
        return [self._replace(item, secrets, depth - 1) for item in value]

    def _replace_text(self, text: str, secrets: Mapping[str, str]) -> str:
        if "secrets." not in text:
            return text
        return PLACEHOLDER.sub(lambda match: self._value(match["braced"] or match["bare"], secrets), text)

    def _value(self, name: str, secrets: Mapping[str, str]) -> str:
        if name in secrets:
            return secrets[name]
        if self._may_appear(name):
            msg = f"cannot resolve secret '{name}': its file is not mounted now"
            raise SecretNotMountedError(msg)
        msg = f"cannot resolve secret '{name}': Connector '{self._connector}' has no such secret, add it to spec.secrets"
        raise InputError(msg)


def holds_placeholder(text: str) -> bool:
    """Whether a text has a placeholder in it."""
    return PLACEHOLDER.search(text) is not None

"""Several connector functions under one job type: the element's `operation` header says which one a job wants."""

import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

from connector_sdk.function import CloseHook, ConnectorFunction, connector

P = ParamSpec("P")
R = TypeVar("R")

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


class Operations:
    """A connector of several operations; each gets an element template of its own.

        crm = Operations(id="acme:crm:1", name="CRM")

        @crm.operation("lookup", name="Look up")
        async def lookup(input: Lookup, context: Context) -> Customer: ...

    `crm:crm` is the entry point. Raises ValueError or TypeError, saying what to change, when something does not fit.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, as those of @connector
        self,
        *,
        id: str,  # noqa: A002 - the element template's own word
        name: str,
        version: int = 1,
        settings: type[BaseModel] | None = None,
        documentation: str = "",
        on_close: CloseHook | None = None,
    ) -> None:
        self.id = id
        self.name = name
        self.functions: dict[str, ConnectorFunction[..., Any]] = {}
        self._version = version
        self._settings = settings
        self._documentation = documentation
        self._on_close = on_close

    def operation(self, key: str, *, name: str, description: str = "") -> Callable[[Callable[P, R]], ConnectorFunction[P, R]]:
        """Make a function the operation `key`; it is written like any other connector function."""
        if not KEY.fullmatch(key):
            msg = f"cannot use operation '{key}' of '{self.id}': write letters, digits, '-' and '_', beginning with a letter"
            raise ValueError(msg)
        if key in self.functions:
            msg = f"cannot use operation '{key}' of '{self.id}' twice: give each function a key of its own"
            raise ValueError(msg)

        def decorate(function: Callable[P, R]) -> ConnectorFunction[P, R]:
            decorator = connector(
                id=self.id,
                name=f"{self.name}: {name}",
                version=self._version,
                settings=self._settings,
                documentation=self._documentation,
                description=description,
                on_close=self._on_close,
            )
            made: ConnectorFunction[P, R] = decorator(function)
            self.functions[key] = made
            return made

        return decorate

"""The decorator that makes a Python function a connector function."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, get_origin, get_type_hints

from pydantic import BaseModel

from connector_sdk.context import Context

P = ParamSpec("P")
R = TypeVar("R")

CloseHook = Callable[[], Awaitable[None] | None]
"""Closes what a connector kept open between jobs."""
JOB_TYPE = re.compile(r"\S{1,255}")


@dataclass(frozen=True, slots=True)
class ConnectorFunction(Generic[P, R]):
    """A function that the runtime can serve; calling it calls the function itself, so that a test needs no runtime."""

    function: Callable[P, R]
    id: str
    """The default job type, and the id of the generated element template."""
    name: str
    version: int
    """Of the element template; a changed input model needs a higher one."""
    description: str
    settings_model: type[BaseModel] | None
    input_model: type[BaseModel] | None
    """None: the function takes the job's variables as they are."""
    output: Any
    """The return annotation."""
    takes_context: bool
    is_async: bool
    documentation: str
    """Address of a page for people, shown by Modeler."""
    on_close: CloseHook | None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)


def connector(  # noqa: PLR0913 - keyword-only: these are the words an author describes a connector with
    *,
    id: str,  # noqa: A002 - the element template's own word
    name: str,
    version: int = 1,
    description: str = "",
    settings: type[BaseModel] | None = None,
    documentation: str = "",
    on_close: CloseHook | None = None,
) -> Callable[[Callable[P, R]], ConnectorFunction[P, R]]:
    """Make a function servable: its first parameter is the input (a pydantic model or `dict`), a second one the `Context`.

    The function is async, or sync and then runs in a thread of its Connector's own pool. It returns a pydantic model, a
    JSON value or None. `on_close` is called once when the pod stops, on the jobs' event loop and after the last of them, to
    close what they shared: an async function, such as `SharedClients.close`, or a sync one, which gets a thread. It is
    cancelled when the pod must end (after 0.5 to 10 s), and not called at all when the pod is killed. Raises TypeError or
    ValueError, saying what to change, when the function does not fit.
    """
    _check_identity(id, name, version)

    def decorate(function: Callable[P, R]) -> ConnectorFunction[P, R]:
        hints = _hints(function)
        input_model, takes_context = _parameters(function, hints)
        return ConnectorFunction(
            function=function,
            id=id,
            name=name,
            version=version,
            description=description or _first_sentence(function),
            settings_model=settings,
            input_model=input_model,
            output=hints.get("return"),
            takes_context=takes_context,
            is_async=inspect.iscoroutinefunction(function),
            documentation=documentation,
            on_close=on_close,
        )

    return decorate


def _check_identity(identifier: str, name: str, version: int) -> None:
    if not JOB_TYPE.fullmatch(identifier):
        msg = f"cannot use connector id '{identifier}': a job type has 1 to 255 characters and no blanks"
        raise ValueError(msg)
    if not name.strip():
        msg = f"cannot name connector '{identifier}': name must not be empty, it is what Modeler shows"
        raise ValueError(msg)
    if version < 0:
        msg = f"cannot use version {version} of connector '{identifier}': a version is 0 or more"
        raise ValueError(msg)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except NameError as error:
        msg = f"cannot read the annotations of '{function.__name__}': {error}; define models at module level, above it"
        raise TypeError(msg) from error


def _parameters(function: Callable[..., Any], hints: Mapping[str, Any]) -> tuple[type[BaseModel] | None, bool]:
    parameters = list(inspect.signature(function).parameters.values())
    if not 1 <= len(parameters) <= 2 or any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        msg = f"cannot use '{function.__name__}' as a connector function: it takes (input) or (input, context)"
        raise TypeError(msg)
    if len(parameters) == 2 and hints.get(parameters[1].name) is not Context:
        msg = f"cannot use '{function.__name__}' as a connector function: annotate its second parameter with Context"
        raise TypeError(msg)
    return _input_model(function, hints.get(parameters[0].name)), len(parameters) == 2


def _input_model(function: Callable[..., Any], annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if annotation is dict or get_origin(annotation) in (dict, Mapping):
        return None
    msg = (
        f"cannot use '{function.__name__}' as a connector function: annotate its first parameter with a pydantic model "
        "(or dict, to get the job's variables as they are)"
    )
    raise TypeError(msg)


def _first_sentence(function: Callable[..., Any]) -> str:
    text = inspect.getdoc(function) or ""
    return text.partition("\n\n")[0].replace("\n", " ").strip()

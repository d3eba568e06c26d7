"""What an author does with a connector function before it is anywhere near Zeebe."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from connector_runtime.binding import InputBinding
from connector_runtime.closing import close_functions
from connector_runtime.config import Source
from connector_runtime.documents import DocumentStore
from connector_runtime.egress import UNRESTRICTED
from connector_runtime.execution import Equipment, Execution
from connector_runtime.gateway import ActivatedJob
from connector_runtime.headers import JobHeaders
from connector_runtime.json_values import NotJsonError, parse_object
from connector_runtime.loading import AnyFunction, LoadError, builtin_names, load_function
from connector_runtime.outgoing import open_http_client
from connector_runtime.secrets import MountedSecrets
from connector_runtime.template_files import TemplateFilesError, template_files
from connector_runtime.templates import TemplateError, element_template, to_json
from connector_runtime.validation import describe
from connector_sdk import BpmnError

LOCK = timedelta(minutes=5)
CLOSE_SECONDS = 5.0


class DeskError(Exception):
    """A command could not do what it was asked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to call a connector function with, as JSON texts."""

    variables: str
    settings: str = "{}"
    secrets: Mapping[str, str] | None = None


def template(entry: str, path: Path) -> str:
    """The element template of a connector function, as JSON text; raises DeskError."""
    try:
        return to_json(element_template(_load(entry, path)).document)
    except TemplateError as error:
        raise DeskError(str(error)) from error


def all_templates(folder: Path, *, check_only: bool) -> str:
    """Write the element templates of all built-in connectors, or only say whether `folder` has them; raises DeskError."""
    try:
        made = {name: element_template(_load(name, Path())) for name in builtin_names()}
        files = template_files(made, folder)
        if check_only:
            files.check(folder)
        else:
            files.write(folder)
    except (TemplateError, TemplateFilesError) as error:
        raise DeskError(str(error)) from error
    except OSError as error:
        msg = f"cannot use '{error.filename}': {error.strerror}"
        raise DeskError(msg) from error
    return f"{folder}: {len(made)} element templates {'are current' if check_only else 'written'}"


async def invoke(entry: str, path: Path, call: Call) -> str:
    """Run a connector function once and return its response as JSON text; raises DeskError."""
    function = _load(entry, path)
    settings = _settings(function, call.settings)
    secrets = dict(call.secrets or {})
    with TemporaryDirectory(prefix="connector-secrets-") as directory, ThreadPoolExecutor(1) as threads:
        for name, value in secrets.items():
            (Path(directory) / name).write_text(value)
        mounted = MountedSecrets(Path(directory), tuple(secrets))
        async with open_http_client(UNRESTRICTED) as http:
            execution = Execution(function, Equipment(entry, settings, mounted, http, threads, DocumentStore(None, http)))
            try:
                response = await execution.run(_job(function, call.variables), JobHeaders({}), LOCK)
            except Exception as error:
                raise DeskError(mounted.masker.text(_failure(error))) from error
            finally:
                await close_functions([function], CLOSE_SECONDS)
    return json.dumps(response, indent=2, ensure_ascii=False)


def check(entry: str, path: Path) -> str:
    """Load a connector function and describe what the runtime makes of it; raises DeskError that says what is wrong."""
    function = _load(entry, path)
    try:
        made = element_template(function)
    except TemplateError as error:
        raise DeskError(str(error)) from error
    variables = InputBinding(function.input_model).fetch_variables
    lines = [
        f"{entry}: {function.name}",
        f"  job type          {function.id}",
        f"  runs              {'on the event loop' if function.is_async else 'in a thread'}",
        f"  fetches           {', '.join(variables) or 'all variables'}",
        f"  settings          {function.settings_model.__name__ if function.settings_model else 'any'}",
        f"  element template  version {made.version}, {len(made.document['properties'])} properties, sha256 {made.digest}",
    ]
    return "\n".join(lines)


def _load(entry: str, path: Path) -> AnyFunction:
    source = Source(path=path.resolve(), entry_point=entry) if ":" in entry else Source(builtin=entry)
    try:
        return load_function("desk", source)
    except LoadError as error:
        raise DeskError(str(error)) from error


def _settings(function: AnyFunction, text: str) -> Any:
    try:
        settings = parse_object(text)
        return function.settings_model.model_validate(settings) if function.settings_model else settings
    except NotJsonError as error:
        msg = f"cannot read the settings: the document {error}"
        raise DeskError(msg) from error
    except ValidationError as error:
        msg = f"cannot use the settings: {describe(error, show_values=True)}"
        raise DeskError(msg) from error


def _failure(error: Exception) -> str:
    code = getattr(error, "code", None)
    kind = "BPMN error" if isinstance(error, BpmnError) else type(error).__name__
    return f"{kind}{f' {code}' if code else ''}: {error}"


def _job(function: AnyFunction, variables: str) -> ActivatedJob:
    return ActivatedJob(
        key=1,
        type=function.id,
        variables=variables,
        headers="{}",
        retries=1,
        deadline_ms=int((time.time() + LOCK.total_seconds()) * 1000),
        bpmn_process_id="",
        process_definition_key=0,
        process_definition_version=0,
        process_instance_key=0,
        element_id="",
        element_instance_key=0,
        tenant_id="<default>",
    )

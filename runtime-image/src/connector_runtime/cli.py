"""The command line: `run` in a pod; the rest at an author's desk, and `schema` for this repository."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import threading
from pathlib import Path

import uvloop

from camunda_feel import command as feel
from connector_runtime.config import DEFAULT_PATH, ConfigError, LoadedConfig, load_config
from connector_runtime.desk import Call, DeskError, all_templates, check, invoke, template
from connector_runtime.heap import give_back_large_blocks
from connector_runtime.logs import configure
from connector_runtime.status_document import schema_text
from connector_runtime.worker import Options, Worker

logger = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 when what was asked for failed, 2 when it cannot be done as asked."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "run":
                return _run(load_config(options.config), Options(port=options.port), options.log_level)
            case "feel":
                return feel.execute(options)
            case "schema":
                print(schema_text(), end="")
            case "template":
                print(_template(options))
            case "invoke":
                print(asyncio.run(invoke(options.entry, options.path, _call(options))))
            case _:
                print(check(options.entry, options.path))
    except (ConfigError, DeskError) as error:
        print(f"connector-runtime: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="connector-runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the Connectors of a configuration until SIGTERM")
    run.add_argument("--config", type=Path, default=DEFAULT_PATH, help="default: %(default)s")
    run.add_argument("--port", type=int, default=9600, help="of /status, /metrics and the probes; default: %(default)s")
    run.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    commands.add_parser("schema", help="print the JSON schema of GET /status")
    feel.add_arguments(commands.add_parser("feel", help=feel.SUMMARY))
    for name, text in (
        ("template", "print the element template of a connector function"),
        ("invoke", "call a connector function once, without Zeebe"),
        ("check", "say what is wrong with a connector function"),
    ):
        command = commands.add_parser(name, help=text)
        nargs = "?" if name == "template" else None
        command.add_argument(
            "entry", nargs=nargs, metavar="ENTRY", help="'module:attribute', or the name of a built-in connector"
        )
        command.add_argument("--path", type=Path, default=Path(), help="folder of the Python files; default: here")
        if name == "template":
            command.add_argument("--all", action="store_true", help="those of all built-in connectors, as files; needs --to")
            command.add_argument("--to", type=Path, metavar="FOLDER", help="where --all writes them")
            command.add_argument("--check", action="store_true", help="with --all: write nothing; exit 1 when one is out of date")
        if name == "invoke":
            command.add_argument("--variables", type=Path, required=True, help="JSON file of the job's variables")
            command.add_argument("--settings", type=Path, help="JSON file of the Connector's settings")
            command.add_argument("--secret", action="append", default=[], metavar="NAME=VALUE")
    return parser


def _template(options: argparse.Namespace) -> str:
    if options.all == bool(options.entry) or options.all != bool(options.to) or (options.check and not options.all):
        msg = "cannot tell which element templates: name one ENTRY, or write --all --to FOLDER [--check]"
        raise ConfigError(msg)
    if options.all:
        return all_templates(options.to, check_only=options.check)
    return template(options.entry, options.path)


def _call(options: argparse.Namespace) -> Call:
    secrets = dict(_name_and_value(item) for item in options.secret)
    try:
        settings = options.settings.read_text() if options.settings else "{}"
        return Call(options.variables.read_text(), settings, secrets)
    except OSError as error:
        msg = f"cannot read '{error.filename}': {error.strerror}"
        raise DeskError(msg) from error


def _name_and_value(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        msg = f"cannot read --secret '{name}': write NAME=VALUE"
        raise DeskError(msg)
    return name, value


def _run(loaded: LoadedConfig, options: Options, log_level: str) -> int:
    give_back_large_blocks()
    worker = Worker(loaded, options)
    configure(log_level, worker.maskers)
    try:
        uvloop.run(_serve(worker))
    except OSError as error:
        msg = f"cannot listen on port {options.port}: {error.strerror}; choose another one with --port"
        raise ConfigError(msg) from error
    return 0


async def _serve(worker: Worker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await worker.run(stop)
    left = await _what_does_not_end()
    if left:
        # Its jobs were handed back and nobody waits for it, but asyncio and the interpreter would.
        logger.warning("leaving behind: %s", ", ".join(left), extra={"action": "stopped"})
        logging.shutdown()
        os._exit(0)


async def _what_does_not_end() -> list[str]:
    """The tasks and threads of connector functions that ignore their cancellation, after a moment's patience."""
    left: list[str] = []
    for _ in range(10):
        tasks = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        threads = [t.name for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
        left = tasks + threads
        if not left:
            break
        await asyncio.sleep(0.05)
    return left

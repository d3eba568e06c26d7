"""Who we are to Camunda Hub: from the environment or from files, never from the command line, where everybody could read it."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from connector_operator.cli.files import FileError
from connector_operator.cli.hub import ClientCredentials

TOKEN = "CAMUNDA_HUB_TOKEN"  # noqa: S105 - the name of a variable
CLIENT_ID = "CAMUNDA_CONSOLE_CLIENT_ID"
CLIENT_SECRET = "CAMUNDA_CONSOLE_CLIENT_SECRET"  # noqa: S105 - the name of a variable
TOKEN_URL = "CAMUNDA_OAUTH_URL"  # noqa: S105 - the name of a variable
AUDIENCE = "CAMUNDA_CONSOLE_OAUTH_AUDIENCE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where Hub is and where our credentials are."""
    parser.add_argument("--hub", required=True, metavar="URL", help="of Camunda Hub, as https://hub.cloud.camunda.io")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=f"holds an access token; default: {TOKEN}")
    parser.add_argument("--client-secret-file", type=Path, metavar="FILE", help=f"default: {CLIENT_SECRET}")


def credentials(options: argparse.Namespace, environment: Mapping[str, str]) -> str | ClientCredentials:
    """A token where there is one, else what Camunda's own pipeline example uses; raises `FileError` when there is neither."""
    token = _read(options.token_file) if options.token_file else environment.get(TOKEN, "").strip()
    if token:
        return token
    secret = _read(options.client_secret_file) if options.client_secret_file else environment.get(CLIENT_SECRET, "")
    given = {TOKEN_URL: environment.get(TOKEN_URL, ""), CLIENT_ID: environment.get(CLIENT_ID, ""), CLIENT_SECRET: secret}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise FileError(
            f"cannot speak to Hub without credentials: set {TOKEN} or name a --token-file, or set {', '.join(missing)} "
            "(the secret may be in a --client-secret-file)"
        )
    return ClientCredentials(given[TOKEN_URL], given[CLIENT_ID], secret, environment.get(AUDIENCE, ""))


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise FileError(f"cannot read '{path}': {error}") from error
    if not text:
        raise FileError(f"cannot use '{path}': it is empty")
    return text

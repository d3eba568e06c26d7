"""Camunda Hub's API, as far as handing over a catalogue needs it.

https://docs.camunda.io/docs/next/apis-tools/hub-api-sm/specifications/ingest-catalog-assets/
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp

from connector_operator.domain.hub_assets import Asset

INGESTION = "/api/v2/catalog/assets/ingestion"
TRIES = 4
PAUSE_SECONDS = 2.0
SECONDS = 300.0
_TRY_AGAIN = (429, 502, 503, 504)

_WHAT_NEXT: Mapping[int, str] = {
    400: "nothing was changed; a changed element template, and one that comes back, needs a higher version than Hub has seen",
    401: "the token is not for Hub's API (audience 'web-modeler-public-api'): authorise the application for it",
    403: "the application needs the permissions 'create' and 'update' on Hub's API",
    404: "this needs Hub 8.10 or newer and, where self-managed, CAMUNDA_MODELER_FEATURE_PUBLIC_API_V2_ENABLED=true",
    413: "Hub takes 5,000 files and 20 MB at once unless its Spring properties allow more",
}


class HubError(Exception):
    """Hub, or who gives out its tokens, did not do what was asked; the text says what to do next."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """An application that may get tokens; `audience` only where the token endpoint wants one (SaaS)."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Hub:
    """One installation. `credentials` are a token, or what one is got with."""

    session: aiohttp.ClientSession
    url: str
    credentials: str | ClientCredentials = field(repr=False)
    pause: float = PAUSE_SECONDS

    async def ingest(self, assets: Sequence[Asset]) -> None:
        """Let Hub's catalogue hold exactly these, all or nothing; raises `HubError`."""
        headers = {"Authorization": f"Bearer {await self._token()}"}
        for pause in (*(self.pause * 2**attempt for attempt in range(TRIES - 1)), None):
            status, text = await self._send("PUT", self.url.rstrip("/") + INGESTION, data=_form(assets), headers=headers)
            if status == 204:
                return
            if status not in _TRY_AGAIN or pause is None:
                what = f"cannot hand over {len(assets)} element templates: Hub answered {status}"
                raise HubError(_told(what, text, _WHAT_NEXT.get(status)))
            await asyncio.sleep(pause)

    async def _token(self) -> str:
        if isinstance(self.credentials, str):
            return self.credentials
        known = self.credentials
        form = {"grant_type": "client_credentials", "client_id": known.client_id, "client_secret": known.client_secret}
        form |= {"audience": known.audience} if known.audience else {}
        status, text = await self._send("POST", known.token_url, data=form)
        token = _member(text, "access_token")
        if status != 200 or not token:
            what_next = "check the client id, its secret and the audience"
            raise HubError(_told(f"cannot get a token from '{known.token_url}': it answered {status}", text, what_next))
        return token

    async def _send(self, method: str, url: str, **request: Any) -> tuple[int, str]:
        try:
            deadline = aiohttp.ClientTimeout(total=SECONDS)
            # a redirect would carry the token or the secret to somebody whom nobody named
            async with self.session.request(method, url, timeout=deadline, allow_redirects=False, **request) as answer:
                return answer.status, await answer.text(errors="replace")
        except TimeoutError as error:
            raise HubError(f"cannot reach '{url}': no answer within {SECONDS:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise HubError(f"cannot reach '{url}': {error or type(error).__name__}") from error


def _form(assets: Sequence[Asset]) -> aiohttp.FormData:
    """Two parts per asset; Hub pairs them by the folder in their file names, which must not be escaped."""
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for asset in assets:
        place = f"{asset.folder}/{asset.template_name}"
        form.add_field("template", asset.template.encode(), filename=place, content_type="application/json")
        form.add_field("readme", asset.readme.encode(), filename=f"{asset.folder}/README.md", content_type="text/markdown")
    return form


def _told(what: str, text: str, what_next: str | None) -> str:
    """The sentence for a person: what failed, what the other side says (RFC 9457), what to do."""
    said = _member(text, "detail") or _member(text, "error_description") or _member(text, "title")
    return what + (f": {said[:1000]}" if said else "") + (f"; {what_next}" if what_next else "")


def _member(text: str, name: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        return ""
    found = cast("dict[str, Any]", document).get(name) if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""

"""Camunda Hub's catalogue behind its published API, with the rules of its documentation; what it forbids is refused.

- https://docs.camunda.io/docs/next/components/hub/organization/manage-catalog/getting-started/ (pairing, versions, limits)
- https://docs.camunda.io/docs/next/components/hub/organization/manage-catalog/manage-asset-lifecycle/ (unpublishing)
- https://docs.camunda.io/docs/next/apis-tools/hub-api-sm/authentication/ (tokens, audience, permissions)
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any, cast

import yaml
from aiohttp import BodyPartReader, web

AUDIENCE = "web-modeler-public-api"
INGESTION = "/api/v2/catalog/assets/ingestion"


@dataclass(frozen=True, slots=True)
class Client:
    """An application that may get tokens."""

    client_id: str = "ci"
    secret: str = "s3cret-of-ci"
    permissions: frozenset[str] = frozenset({"create", "update"})
    audience: str = AUDIENCE
    """Of its tokens."""


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """One asset of the catalogue; `versions` are the contents by version, the newest is offered while it is published."""

    versions: dict[int, dict[str, Any]]
    readme: str
    category: str | None
    tags: tuple[str, ...]
    published: bool = True

    @property
    def newest(self) -> int:
        return max(self.versions)


class Refused(Exception):  # noqa: N818 - what a caller is told
    """A 400 and its detail."""


@dataclass(slots=True)
class HubFake:
    """One organisation's Hub. `busy` answers come before anything else, as from a gateway in front of it."""

    client: Client = field(default_factory=Client)
    wants_audience: str = ""
    """SaaS: the token request has to name it; a Hub of one's own knows it by the application."""
    max_files: int = 5_000
    max_bytes: int = 20 * 1024 * 1024
    enabled: bool = True
    assets: dict[str, StoredAsset] = field(default_factory=dict[str, StoredAsset])
    busy: list[int] = field(default_factory=list[int])
    submissions: int = 0
    tokens: set[str] = field(default_factory=set[str])

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=self.max_bytes)
        app.router.add_post("/oauth/token", self._token)
        if self.enabled:
            app.router.add_put(INGESTION, self._ingest)
        return app

    def published(self) -> dict[str, int]:
        """The newest version by id, of what modellers are offered."""
        return {template_id: asset.newest for template_id, asset in self.assets.items() if asset.published}

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if (form.get("client_id"), form.get("client_secret")) != (self.client.client_id, self.client.secret):
            return web.json_response({"error": "invalid_client", "error_description": "Invalid client credentials"}, status=401)
        if form.get("audience", "") != self.wants_audience:
            return web.json_response({"error": "access_denied", "error_description": "Unknown audience"}, status=403)
        token = f"token-{len(self.tokens)}"
        self.tokens.add(token)
        return web.json_response({"access_token": token, "expires_in": 300, "token_type": "Bearer"})

    async def _ingest(self, request: web.Request) -> web.Response:
        if self.busy:
            return _problem(self.busy.pop(0), "Try again later", retry="1")
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens or self.client.audience != AUDIENCE:
            return _problem(401, "The request lacks valid authentication credentials")
        if not {"create", "update"} <= self.client.permissions:
            return _problem(403, "The request is not allowed")
        try:
            self.assets = self._after(await _pairs(request, self.max_files, self.max_bytes))
        except Refused as refused:
            return _problem(400, str(refused))
        self.submissions += 1
        return web.Response(status=204)

    def _after(self, submitted: Iterable[tuple[dict[str, Any], str]]) -> dict[str, StoredAsset]:
        """The catalogue after a submission that is right in every part."""
        wanted: dict[str, StoredAsset] = {}
        for template, readme in submitted:
            template_id, version = template.get("id"), template.get("version")
            if not isinstance(template_id, str) or not isinstance(version, int):
                raise Refused("an element template needs an 'id' and a 'version'")
            if template_id in wanted:
                raise Refused(f"the id '{template_id}' is used more than once")
            wanted[template_id] = self._stored(template_id, version, template, readme)
        gone = {template_id: replace(asset, published=False) for template_id, asset in self.assets.items()}
        return gone | wanted

    def _stored(self, template_id: str, version: int, template: dict[str, Any], readme: str) -> StoredAsset:
        front = _front_matter(readme)
        known = self.assets.get(template_id)
        versions = dict(known.versions) if known else {}
        if known and (template != versions[known.newest] or not known.published) and version <= known.newest:
            raise Refused(f"the version {version} of '{template_id}' must be greater than {known.newest}")
        versions[version] = template
        return StoredAsset(versions, readme, front.get("category"), tuple(front.get("tags", ())))


async def _pairs(request: web.Request, max_files: int, max_bytes: int) -> list[tuple[dict[str, Any], str]]:
    """The element templates with their READMEs, paired by the folder in the file names."""
    if not request.content_type.startswith("multipart/form-data"):
        raise web.HTTPUnsupportedMediaType
    templates: dict[str, str] = {}
    readmes: dict[str, str] = {}
    size = 0
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        text = (await part.read()).decode()
        size += len(text)
        if size > max_bytes or len(templates) + len(readmes) >= max_files:
            raise web.HTTPRequestEntityTooLarge(max_size=max_bytes, actual_size=size)
        if part.name not in ("template", "readme") or not part.filename:
            raise Refused(f"the part '{part.name}' is neither a 'template' nor a 'readme' with a file name")
        (templates if part.name == "template" else readmes)[part.filename] = text
    pairs = [_pair(name, readme, templates) for name, readme in readmes.items()]
    if templates:
        raise Refused(f"no README names {', '.join(sorted(templates))}")
    return pairs


def _pair(name: str, readme: str, templates: dict[str, str]) -> tuple[dict[str, Any], str]:
    place = str(PurePosixPath(name).parent / _front_matter(readme)["template"])
    if place not in templates:
        raise Refused(f"'{name}' names '{place}', which is not there")
    try:
        return json.loads(templates.pop(place)), readme
    except ValueError as error:
        raise Refused(f"'{place}' is not JSON") from error


def _front_matter(readme: str) -> dict[str, Any]:
    before, _, rest = readme.partition("---\n")
    front, end, _ = rest.partition("\n---\n")
    found: Any = yaml.safe_load(front) if end and not before.strip() else None
    if not isinstance(found, dict) or not isinstance(found.get("template"), str):  # pyright: ignore[reportUnknownMemberType] - it is YAML that is being checked
        raise Refused("a README needs a front matter whose 'template' names the element template")
    return cast("dict[str, Any]", found)


def _problem(status: int, detail: str, retry: str = "") -> web.Response:
    headers = {"Retry-After": retry} if retry else {}
    body = {"type": "about:blank", "title": "Problem", "status": status, "detail": detail}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")

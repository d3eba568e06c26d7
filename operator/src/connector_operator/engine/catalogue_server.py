"""The catalogue over HTTP, on a port of its own: an index and the element templates for programs, a page for people.

Everything is made from the ConfigMaps in the store when somebody asks; nothing is kept. Whoever reaches the port may read all
of it, so no Ingress leads here unless somebody makes one.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import ETag, hdrs, web

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME
from connector_operator.domain.catalogue_view import view
from connector_operator.domain.objects import CONFIG_MAP, Object, ObjectRef, labels_of, list_at, uid_of
from connector_operator.domain.objects import RUNTIME_LABEL as RUNTIME
from connector_operator.domain.published import OfferedTemplate, bundle_digest, index, offered, releases
from connector_operator.engine.store import Store
from connector_operator.rendering.catalogue_archives import tar_of, zip_of
from connector_operator.rendering.catalogue_page import catalogue_page, catalogue_script, catalogue_style

MAX_SEARCH = 200
_CONTENT_POLICY = (
    "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}

_PACKED = ("application/zip", "application/gzip")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CatalogueServer:
    """Serves what the store holds. `run` until cancelled; `port` 0 takes a free one."""

    store: Store
    host: str | None = None
    """`None`: every address, as it is reached through a Service."""
    port: int = 8081

    async def run(self) -> None:
        """Listen for ever; raises `OSError` when the port is taken."""
        runner = await self.start()
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def start(self) -> web.AppRunner:
        """Listen, and answer what ends it and knows the address."""
        runner = web.AppRunner(self.app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, self.host, self.port).start()
        _log.info("the catalogue is at port %d", runner.addresses[0][1])
        return runner

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application()
        app.router.add_get("/catalog", self._to_page)
        app.router.add_get("/catalog/", self._page)
        app.router.add_get("/catalog/style.css", self._style)
        app.router.add_get("/catalog/search.js", self._script)
        app.router.add_get("/catalog/{namespace}/{runtime}/index.json", self._index)
        app.router.add_get("/catalog/{namespace}/{runtime}/templates.zip", self._zip)
        app.router.add_get("/catalog/{namespace}/{runtime}/releases.json", self._releases)
        app.router.add_get("/catalog/{namespace}/{runtime}/connectors-bundle-templates-{digest}.tar.gz", self._bundle)
        app.router.add_get("/catalog/{namespace}/{runtime}/{key}", self._template)
        return app

    async def _to_page(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect("/catalog/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        search = request.query.get("q", "")[:MAX_SEARCH].strip()
        connectors = {(obj["metadata"]["namespace"], obj["metadata"]["name"]): obj for obj in self.store.all(CONNECTOR)}
        config_maps = [obj for obj in self.store.all(CONFIG_MAP) if self._is_ours(obj)]
        return _answer(request, await asyncio.to_thread(_page_of, config_maps, connectors, search), "text/html")

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return _answer(request, catalogue_style().encode(), "text/css")

    async def _script(self, request: web.Request) -> web.StreamResponse:
        return _answer(request, catalogue_script().encode(), "text/javascript")

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return _answer(request, _json(index(await self._of(request), _base(request))), "application/json")

    async def _releases(self, request: web.Request) -> web.StreamResponse:
        return _answer(request, _json(releases(await self._of(request), _base(request))), "application/json")

    async def _template(self, request: web.Request) -> web.StreamResponse:
        found = [one for one in await self._of(request) if one.key == request.match_info["key"]]
        if not found:
            raise web.HTTPNotFound(text="no element template of that name is published here: see index.json beside it\n")
        return _answer(request, found[0].text.encode(), "application/json")

    async def _zip(self, request: web.Request) -> web.StreamResponse:
        return _answer(request, await asyncio.to_thread(zip_of, await self._of(request)), "application/zip")

    async def _bundle(self, request: web.Request) -> web.StreamResponse:
        templates = await self._of(request)
        if request.match_info["digest"] != bundle_digest(templates):
            raise web.HTTPNotFound(text="other element templates are published by now: see releases.json beside it\n")
        return _answer(request, await asyncio.to_thread(tar_of, templates), "application/gzip")

    async def _of(self, request: web.Request) -> Sequence[OfferedTemplate]:
        """The templates of the runtime in the request's path; raises 404 for a runtime that is not there."""
        namespace, runtime = request.match_info["namespace"], request.match_info["runtime"]
        if self.store.get(ObjectRef(CONNECTOR_RUNTIME, namespace, runtime)) is None:
            raise web.HTTPNotFound(text="there is no such ConnectorRuntime: /catalog/ lists those that publish something\n")
        of_namespace = self.store.all(CONFIG_MAP, namespace)
        config_maps = [obj for obj in of_namespace if labels_of(obj).get(RUNTIME) == runtime and self._is_ours(obj)]
        # a thousand texts that nobody has read yet take seconds, in which the operator has other things to do
        return await asyncio.to_thread(offered, config_maps)

    def _is_ours(self, config_map: Object) -> bool:
        """Whether the runtime that the label names owns it: a label alone, which anybody may write, offers nothing."""
        metadata = config_map["metadata"]
        runtime = self.store.get(ObjectRef(CONNECTOR_RUNTIME, metadata["namespace"], labels_of(config_map).get(RUNTIME, "")))
        return runtime is not None and any(
            owner.get("uid") == uid_of(runtime) for owner in list_at(config_map, "metadata", "ownerReferences")
        )


def _page_of(config_maps: Iterable[Object], connectors: Mapping[tuple[str, str], Object], search: str) -> bytes:
    return catalogue_page(view(offered(config_maps), connectors, search)).encode()


def _base(request: web.Request) -> str:
    """The address of the runtime's part of the catalogue, as whoever asks reached it: an Ingress may end TLS before us."""
    origin = request.url.origin()
    if request.headers.get(hdrs.X_FORWARDED_PROTO) == "https":
        origin = origin.with_scheme("https")
    return str(origin.with_path(request.path.rpartition("/")[0] + "/"))


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def _answer(request: web.Request, body: bytes, content_type: str) -> web.StreamResponse:
    """200, or 304 to whoever has it already; compressed for whoever takes that."""
    etag = ETag(hashlib.sha256(body).hexdigest()[:32], is_weak=True)  # weak: the compressed bytes are others
    known = request.if_none_match or ()
    if any(one.value in (etag.value, "*") for one in known):
        answer = web.Response(status=304, headers=_HEADERS)
    else:
        headers = _HEADERS | {hdrs.CONTENT_TYPE: content_type if content_type in _PACKED else f"{content_type}; charset=utf-8"}
        answer = web.Response(body=body, headers=headers)
        if content_type not in _PACKED:
            answer.enable_compression()
    answer.etag = etag
    return answer

"""The outside world of the sample process: a little HTTP API with customers, who need a token, and orders."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

CUSTOMERS = {"C-42": {"id": "C-42", "name": "Ada Lovelace", "tier": "gold"}}
PRICES = {"tea": 4.5, "kettle": 29.0}


@dataclass(slots=True)
class Shop:
    """Serves while its block runs. `token` may change at any time; `seen` are the tokens that callers used, in order."""

    host: str
    port: int = 8088
    token: str = "demo-token-1"
    closed: bool = False
    seen: list[str] = field(default_factory=list[str])
    orders: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((self.host, self.port), self._handler())
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def customer(self, number: str, authorization: str) -> tuple[int, Any]:
        """`GET /customers/<number>`: 401 without the present token."""
        token = authorization.removeprefix("Bearer ")
        self.seen.append(token)
        if token != self.token:
            return 401, {"error": "this token is not valid"}
        return (200, CUSTOMERS[number]) if number in CUSTOMERS else (404, {"error": "no such customer"})

    def order(self, body: dict[str, Any]) -> tuple[int, Any]:
        """`POST /orders`: priced lines and a total; 503 while closed."""
        if self.closed:
            return 503, {"error": "closed"}
        lines = [{"name": item, "price": PRICES.get(item, 0.0)} for item in body["items"]]
        order = {"id": f"O-{len(self.orders) + 1}", "lines": lines, "total": sum(line["price"] for line in lines)}
        self.orders.append({"customer": body["customer"], **order})
        return 201, order

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/status":
                    self._answer(200, {"status": "closed" if shop.closed else "open"})
                    return
                number = self.path.removeprefix("/customers/")
                self._answer(*shop.customer(number, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                self._answer(*shop.order(json.loads(self.rfile.read(length))))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's own name
                """Say nothing: the demo has its own lines."""

            def _answer(self, status: int, body: Any) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler

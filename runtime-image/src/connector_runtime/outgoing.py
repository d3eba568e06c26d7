"""The HTTP client that connector functions share."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx


def open_http_client() -> httpx.AsyncClient:
    """Open a client that keeps connections and nothing else: one job's cookies must not reach the next job's request."""
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        timeout=20,
        cookies=no_cookies,
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
    )

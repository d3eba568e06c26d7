"""Request shapes: what the REST connector puts on the wire for each way to write an input."""

from collections.abc import Iterator
from typing import Any

from recording_server import Answer
from rest_case import RestCase, json_answer

TOKEN = json_answer({"access_token": "issued", "token_type": "Bearer", "expires_in": 3600})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data"}

QUERIES: dict[str, Any] = {
    "text": {"q": "plain"},
    "integer": {"q": 42},
    "negative": {"q": -7},
    "decimal": {"q": 1.5},
    "whole-decimal": {"q": 2.0},
    "true": {"q": True},
    "false": {"q": False},
    "null": {"q": None},
    "null-beside": {"a": None, "b": "1"},
    "empty-text": {"q": ""},
    "two": {"a": "1", "b": "2"},
    "list": {"q": ["a", "b"]},
    "list-numbers": {"q": [1, 2]},
    "empty-list": {"q": []},
    "object": {"q": {"x": 1}},
    "space": {"q": "a b"},
    "plus": {"q": "a+b"},
    "percent": {"q": "100%"},
    "encoded": {"q": "a%20b"},
    "ampersand": {"q": "a&b=c"},
    "slash": {"q": "a/b?c#d"},
    "unicode": {"q": "Grüße €"},
    "emoji": {"q": "😀"},
    "quotes": {"q": "\"'<>"},
    "brackets": {"filter[name]": "x", "a|b": "{y}"},
    "sub-delimiters": {"q": "!$'()*,;:@~-._"},
    "key-space": {"a key": "1"},
    "empty": {},
}
PATHS = {
    "plain": "{base}/a/b",
    "trailing-slash": "{base}/a/",
    "double-slash": "{base}/a//b",
    "encoded-space": "{base}/a%20b",
    "encoded-slash": "{base}/a%2Fb",
    "space": "{base}/a b",
    "unicode": "{base}/grüße",
    "dots": "{base}/a/../b/./c",
    "colon": "{base}/a:b@c",
    "sub-delimiters": "{base}/a!$'()*+,;=b",
    "brackets": "{base}/a[0]",
    "query": "{base}?x=1",
    "query-encoded": "{base}?x=a%26b&y=c+d",
    "query-space": "{base}?x=a b",
    "query-unicode": "{base}?x=ü",
    "query-no-value": "{base}?flag",
    "query-empty": "{base}?",
    "query-twice": "{base}?x=1&x=2",
    "fragment": "{base}/a#part",
    "query-and-fragment": "{base}/a?x=1#part",
    "upper-percent": "{base}/%c3%bc",
}
HEADERS: dict[str, Any] = {
    "custom": {"X-One": "1", "x-two": "2"},
    "number": {"X-Number": 7},
    "decimal": {"X-Number": 7.5},
    "boolean": {"X-Flag": True},
    "null": {"X-None": None},
    "empty": {"X-Empty": ""},
    "accept": {"Accept": "application/xml"},
    "language": {"Accept-Language": "de"},
    "own-authorization": {"Authorization": "Custom abc"},
    "encoding": {"Accept-Encoding": "identity"},
    "json-type": {"Content-Type": "application/json"},
    "cookie": {"Cookie": "a=b; c=d"},
    "trimmed": {"X-Spaces": "  a  "},
    "if-match": {"If-Match": '"etag"'},
    "own-agent": {"X-Request-Id": "r-1", "Cache-Control": "no-cache"},
}
BODIES: dict[str, Any] = {
    "object": {"name": "Ada", "age": 36},
    "nested": {"a": {"b": {"c": [1, {"d": None}]}}},
    "list": [1, "two", None, {"three": 3}],
    "text": "plain text",
    "json-text": '{"already": "text"}',
    "json-text-spaced": '{ "a" :  1 }',
    "empty-text": "",
    "empty-object": {},
    "empty-list": [],
    "integer": 5,
    "decimal": 1.25,
    "true": True,
    "null": None,
    "unicode": {"text": "Grüße € 😀"},
    "escapes": {"text": 'a"b\\c\nd\te/f'},
    "control": {"text": "a\u0001b\u007f"},
    "html": {"text": "<a href='x'>&amp;</a>"},
    "big-integer": {"n": 9007199254740993},
    "whole-decimal": {"n": 1.0},
    "small-decimal": {"n": 0.0001},
    "exponent": {"n": 1e21},
    "tenth": {"n": 0.1},
    "negative": {"n": -3},
    "null-member": {"a": None, "b": 1},
    "line-separator": {"text": "a\u2028b"},
    "long": {"text": "x" * 20_000},
    "key-order": {"z": 1, "a": 2, "m": 3},
    "text-unicode": "Grüße",
}
FORMS: dict[str, Any] = {
    "text": {"a": "1", "b": "two words"},
    "number": {"n": 1, "d": 1.5},
    "boolean": {"t": True},
    "special": {"a&b": "c=d+e%f/g"},
    "unicode": {"ü": "€"},
    "null": {"a": None, "b": "1"},
    "empty-text": {"a": ""},
    "list": {"a": ["1", "2"]},
    "object": {"a": {"b": 1}},
    "as-text": "a=1&b=2",
    "tilde": {"a": "~-._*"},
}
TYPES = {
    "text-plain": ("text/plain", "hello"),
    "text-charset": ("text/plain; charset=utf-8", "hällo"),
    "latin": ("text/plain; charset=iso-8859-1", "hällo"),
    "xml": ("application/xml", "<a>1</a>"),
    "object-as-text": ("text/plain", {"a": 1}),
    "vendor-json": ("application/vnd.api+json", {"a": 1}),
    "json-charset": ("application/json; charset=utf-8", {"a": "ü"}),
    "number-as-text": ("text/plain", 5),
}
AUTHENTICATIONS: dict[str, dict[str, Any]] = {
    "basic": {"type": "basic", "username": "ada", "password": "s3cret"},
    "basic-colon": {"type": "basic", "username": "a", "password": "b:c"},
    "basic-unicode": {"type": "basic", "username": "ü", "password": "€"},
    "basic-empty-word": {"type": "basic", "username": "ada", "password": "SPEC_PASSWORD_EMPTY_PATTERN"},
    "bearer": {"type": "bearer", "token": "abc"},
    "key-header": {"type": "apiKey", "apiKeyLocation": "headers", "name": "X-Key", "value": "k"},
    "key-query": {"type": "apiKey", "apiKeyLocation": "query", "name": "key", "value": "k"},
    "key-query-special": {"type": "apiKey", "apiKeyLocation": "query", "name": "a key", "value": "k&/+ü"},
}
OAUTH = {
    "type": "oauth-client-credentials-flow",
    "oauthTokenEndpoint": "{base}/token",
    "clientId": "id",
    "clientSecret": "se/cret",
}
GRANTS: dict[str, dict[str, Any]] = {
    "basic": {"clientAuthentication": "basicAuthHeader"},
    "body": {"clientAuthentication": "credentialsBody"},
    "scopes": {"clientAuthentication": "basicAuthHeader", "scopes": "read:a write:b"},
    "audience": {"clientAuthentication": "credentialsBody", "audience": "https://api.example.com/", "scopes": "read"},
}


def shape_cases() -> tuple[RestCase, ...]:
    """All of them, each with one answer, or two where a token is fetched first."""
    return tuple(RestCase(f"shape-{name}", variables, answers=answers) for name, variables, answers in _shapes())


def _shapes() -> Iterator[tuple[str, dict[str, Any], tuple[Answer, ...]]]:
    once = (Answer(),)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        yield f"method-{method.lower()}", {"method": method}, once
        yield f"method-{method.lower()}-body", {"method": method, "body": {"a": 1}}, once
    for name, query in QUERIES.items():
        yield f"query-{name}", {"queryParameters": query}, once
    for name, url in PATHS.items():
        yield f"path-{name}", {"url": url}, once
    yield from _addressed_and_sent()
    yield from _authenticated()
    yield from _redirects()


def _addressed_and_sent() -> Iterator[tuple[str, dict[str, Any], tuple[Answer, ...]]]:
    once = (Answer(),)
    yield "query-on-query", {"url": "{base}?x=1", "queryParameters": {"y": 2}}, once
    yield "query-same-key", {"url": "{base}?x=1", "queryParameters": {"x": 2}}, once
    for name, headers in HEADERS.items():
        yield f"header-{name}", {"headers": headers}, once
    for name, body in BODIES.items():
        yield f"body-{name}", {"method": "POST", "body": body}, once
    yield (
        "body-ignore-null",
        {"method": "POST", "body": {"a": None, "b": {"c": None}, "d": [None, 1]}, "ignoreNullValues": True},
        once,
    )
    for name, body in FORMS.items():
        yield f"form-{name}", {"method": "POST", "headers": FORM, "body": body}, once
    for name in ("text", "number", "unicode", "null", "list", "object"):
        yield f"multipart-{name}", {"method": "POST", "headers": MULTIPART, "body": FORMS[name]}, once
    for name, (kind, body) in TYPES.items():
        yield f"type-{name}", {"method": "POST", "headers": {"Content-Type": kind}, "body": body}, once
    yield "type-lower-name", {"method": "POST", "headers": {"content-type": "text/plain"}, "body": "x"}, once


def _authenticated() -> Iterator[tuple[str, dict[str, Any], tuple[Answer, ...]]]:
    for name, authentication in AUTHENTICATIONS.items():
        yield f"auth-{name}", {"authentication": authentication}, (Answer(),)
    for name, members in GRANTS.items():
        yield f"oauth-{name}", {"authentication": {**OAUTH, **members}}, (TOKEN, Answer())


def _redirects() -> Iterator[tuple[str, dict[str, Any], tuple[Answer, ...]]]:
    for status in (301, 302, 303, 307, 308):
        away = Answer(status, b"", (("Location", "{base}/there"),))
        yield f"redirect-{status}-get", {"followRedirects": True}, (away, Answer())
        post = {"method": "POST", "body": {"a": 1}, "followRedirects": True}
        yield f"redirect-{status}-post", post, (away, Answer())
    stay = Answer(302, b"", (("Location", "{base}/there"),))
    yield "redirect-not-followed", {"followRedirects": False}, (stay,)

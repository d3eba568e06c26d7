"""What becomes of a job of the REST connector: results, errors in all their forms, secrets, bad headers, faults of the server."""

from collections.abc import Iterator
from typing import Any

from recording_server import Answer
from rest_case import CAUGHT, RestCase, json_answer

ADA = json_answer({"name": "Ada", "age": 36, "list": [1, 2, 3], "nested": {"a": None}})
REFUSED = json_answer({"code": "no-such", "hint": "look elsewhere"}, 404)
R = {"resultVariable": "r"}

RESULTS: dict[str, dict[str, str]] = {
    "variable": R,
    "expression": {"resultExpression": "={who: response.body.name, status: response.status}"},
    "expression-no-equals": {"resultExpression": "{who: response.body.name}"},
    "own-keys": {"resultExpression": "={s: status, b: body.age}"},
    "both": {"resultVariable": "r", "resultExpression": "={r: 1, x: 2}"},
    "both-null": {"resultVariable": "r", "resultExpression": "=null"},
    "none": {},
    "blank": {"resultVariable": "", "resultExpression": ""},
    "null": {"resultExpression": "=null"},
    "empty-context": {"resultExpression": "={}"},
    "number": {"resultExpression": "=42"},
    "text": {"resultExpression": '="x"'},
    "list": {"resultExpression": "=[1,2]"},
    "true": {"resultExpression": "=true"},
    "syntax": {"resultExpression": "={a: }"},
    "unknown-name": {"resultExpression": "={a: nothing.there}"},
    "unknown-function": {"resultExpression": "={a: unknown(1)}"},
    "division-by-zero": {"resultExpression": "={a: 1/0}"},
    "filter": {"resultExpression": "={big: response.body.list[item > 1], n: count(response.body.list)}"},
    "null-member": {"resultExpression": "={a: response.body.nested.a, b: null}"},
    "date": {"resultExpression": '={d: date("2024-02-29"), t: date and time("2024-01-01T10:00:00Z")}'},
    "duration": {"resultExpression": '={d: duration("P1DT2H"), y: duration("P1Y2M")}'},
    "decimal": {"resultExpression": "={a: 0.1 + 0.2, b: 1/3, c: 2.0, d: 10 ** 3}"},
    "nested-context": {"resultExpression": "={a: {b: {c: body.name}}}"},
    "string-join": {"resultExpression": '={s: "Hi " + body.name, u: upper case(body.name)}'},
    "response-shadow": {"resultExpression": "={response: response.status}"},
    "error-functions": {"resultExpression": '={e: bpmnError("x", "y")}'},
    "secret-inert": {"resultExpression": '={s: "{{secrets.API_TOKEN}}"}'},
    "dotted-variable": {"resultVariable": "a_b"},
}
ON_SUCCESS: dict[str, str] = {
    "null": "=null",
    "empty": "={}",
    "if-not": '=if response.status > 299 then bpmnError("X") else null',
    "bpmn": f'=bpmnError("{CAUGHT}", "said so")',
    "bpmn-variables": f'=bpmnError("{CAUGHT}", "said so", {{who: response.body.name, status: status}})',
    "bpmn-only-code": f'=bpmnError("{CAUGHT}")',
    "bpmn-uncaught": '=bpmnError("NOBODY", "said so")',
    "bpmn-no-code": '=bpmnError(null, "said so")',
    "bpmn-empty-code": '=bpmnError("", "said so")',
    "bpmn-number-code": '=bpmnError(404, "said so")',
    "job": '=jobError("not good")',
    "job-variables": '=jobError("not good", {why: "because"})',
    "job-retries": '=if job.retries = 2 then jobError("not good", {}, 1) else null',
    "job-backoff": '=if job.retries = 2 then jobError("not good", {}, 1, @"PT0.2S") else null',
    "job-down": '=jobError("left " + string(job.retries), {}, job.retries - 1)',
    "job-null-message": "=jobError(null)",
    "job-negative": '=jobError("not good", {}, -1)',
    "job-decimal": '=if job.retries = 2 then jobError("not good", {}, 1.5) else null',
    "job-error-member": '=jobError("not good", {error: "mine"})',
    "ignore": "=ignoreError({a: 1})",
    "text": '="oops"',
    "number": "=1",
    "list": "=[1]",
    "true": "=true",
    "context": "={a: 1}",
    "typed-context": '={errorType: "bpmnError", errorCode: "CAUGHT", errorMessage: "by hand"}',
    "syntax": "=if",
    "unknown-name": "=error.code",
    "scope": "=jobError(string(response))",
    "scope-inner": "=jobError(string(response.response))",
    "own-keys": f'=if status = 200 then bpmnError("{CAUGHT}", body.name) else null',
    "unknown-function": "=nope(1)",
}
ON_FAILURE: dict[str, str] = {
    "none": "",
    "null": "=null",
    "bpmn-by-code": f'=if error.code = "404" then bpmnError("{CAUGHT}", error.message) else null',
    "code-is-text": f'=if error.code = 404 then bpmnError("{CAUGHT}", "a number") else null',
    "variables": f'=bpmnError("{CAUGHT}", "x", {{hint: error.variables.response.body.hint}})',
    "whole": f'=bpmnError("{CAUGHT}", "x", {{v: error.variables.response.body}})',
    "through-response": f'=bpmnError("{CAUGHT}", response.error.code)',
    "job-same-retries": '=jobError(error.message, {}, job.retries - 1, @"PT0.1S")',
    "ignore": '=ignoreError({fallback: "yes"})',
    "text": '="x"',
    "no-match": '=if error.code = "500" then bpmnError("X") else null',
    "status-null": f'=if response.status = null then bpmnError("{CAUGHT}", "no status") else null',
}
BACKOFFS = {"PT0.1S": 3, "PT0S": 3, "P0D": 2, "": 2, "5 minutes": 3, "-PT5S": 2, "PT": 2, "P1Y": 2, "pt0.1s": 2}
STATUSES = (201, 202, 204, 304, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503)
BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  \n",
    "number": b"42",
    "text": b'"quoted"',
    "true": b"true",
    "null": b"null",
    "list": b"[1,2]",
    "broken": b'{"a":',
    "trailing": b'{"a":1} x',
    "two": b'{"a":1}{"b":2}',
    "nan": b'{"a":NaN}',
    "duplicate": b'{"a":1,"a":2}',
    "big-integer": b'{"n":12345678901234567890123}',
    "precise": b'{"n":0.12345678901234567890123}',
    "exponent": b'{"n":1e400}',
    "unicode": '{"t":"Grüße 😀"}'.encode(),
    "escaped": b'{"t":"\\u00fc\\ud83d\\ude00"}',
    "lone-surrogate": b'{"t":"\\ud83d"}',
    "latin": '{"t":"ü"}'.encode("latin-1"),
    "bom": b'\xef\xbb\xbf{"a":1}',
    "html": b"<html>no</html>",
    "spaces": b' {"a":1} ',
    "single-quotes": b"{'a':1}",
    "leading-zero": b'{"n":007}',
    "minus-zero": b'{"n":-0}',
    "float-whole": b'{"n":1.0}',
    "null-member": b'{"n":null}',
    "empty-key": b'{"":1}',
    "comment": b'{"a":1 /* x */}',
}


def outcome_cases() -> tuple[RestCase, ...]:
    """All of them."""
    return (*_expressions(), *_secrets(), *_server(), *_inputs())


def _expressions() -> Iterator[RestCase]:
    for name, headers in RESULTS.items():
        yield RestCase(f"result-{name}", headers=headers, answers=(ADA,))
    for name, expression in ON_SUCCESS.items():
        headers = {**R, "errorExpression": expression}
        yield RestCase(f"success-{name}", headers=headers, answers=(ADA,), retries=2)
    for name, expression in ON_FAILURE.items():
        headers = {**R, "errorExpression": expression}
        yield RestCase(f"failure-{name}", headers=headers, answers=(REFUSED,), retries=2)
    for number, (backoff, retries) in enumerate(BACKOFFS.items()):
        headers = {**R, "retryBackoff": backoff}
        yield RestCase(f"backoff-{number}", headers=headers, answers=(json_answer({}, 500),), retries=retries)
    yield RestCase("backoff-recovers", headers={**R, "retryBackoff": "PT0.1S"}, answers=(json_answer({}, 500), ADA), retries=3)


def _secrets() -> Iterator[RestCase]:
    for name, text in {
        "braced": "{{secrets.API_TOKEN}}",
        "spaced": "{{ secrets.API_TOKEN }}",
        "bare": "secrets.API_TOKEN",
        "inside": "Bearer {{secrets.API_TOKEN}}!",
        "twice": "{{secrets.API_TOKEN}}-{{secrets.API_TOKEN}}",
        "quoted": "{{secrets.QUOTED}}",
        "not-again": "{{secrets.NESTED_ONE}}",
        "unknown": "{{secrets.NOT_THERE}}",
        "unknown-bare": "secrets.NOT_THERE",
        "only-braces": "{{API_TOKEN}}",
    }.items():
        yield RestCase(f"secret-{name}", {"method": "POST", "body": {"v": text}}, headers=R, answers=(ADA,))
    echoed = json_answer({"you": "sent t0p-s3cret"}, 401)
    bearer = {"authentication": {"type": "bearer", "token": "{{secrets.API_TOKEN}}"}}
    yield RestCase("secret-in-header", bearer, headers=R)
    yield RestCase("secret-masked", bearer, headers=R, answers=(echoed,))
    headers = {**R, "errorExpression": '=jobError("told: " + error.variables.response.body.you)'}
    yield RestCase("secret-masked-by-expression", bearer, headers=headers, answers=(echoed,))


def _server() -> Iterator[RestCase]:
    for status in STATUSES:
        body = b"" if status in (204, 304) else b'{"s":1}'
        yield RestCase(f"status-{status}", answers=(Answer(status, body),))
    later = Answer(429, b"{}", (("Retry-After", "1"),))
    yield RestCase("status-retry-after", headers={**R, "retryBackoff": "PT0S"}, answers=(later, ADA), retries=2)
    yield RestCase("status-no-reason", answers=(Answer(404, b"", (), reason=""),))
    yield RestCase("status-text-body", answers=(Answer(500, b"plain words", (("Content-Type", "text/plain"),)),))
    for name, body in BODIES.items():
        yield RestCase(f"answer-{name}", answers=(Answer(body=body),))
    yield RestCase("answer-text-type", answers=(Answer(body=b'{"a":1}', headers=(("Content-Type", "text/plain"),)),))
    yield RestCase("answer-no-type", answers=(Answer(body=b'{"a":1}', headers=()),))
    yield RestCase("answer-html-type", answers=(Answer(body=b"<p>x</p>", headers=(("Content-Type", "text/html"),)),))
    repeated = (("X-Two", "a"), ("X-Two", "b"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"))
    yield RestCase("answer-repeated-headers", answers=(Answer(headers=repeated),))
    yield RestCase("answer-grouped-cookies", {"groupSetCookieHeaders": True}, answers=(Answer(headers=repeated),))
    yield RestCase("answer-large", answers=(json_answer({"t": "x" * 1_000_000}),))
    yield RestCase("answer-too-large", answers=(json_answer({"t": "x" * 1_700_000}),), retries=2)
    chosen = {"resultExpression": "={n: string length(response.body.t)}"}
    yield RestCase("answer-too-large-but-chosen", headers=chosen, answers=(json_answer({"t": "x" * 1_700_000}),))
    yield RestCase("answer-cut", answers=(Answer(body=b'{"a":1}', cut_after=3),), retries=2)
    slow = {"readTimeoutInSeconds": 1}
    yield RestCase("timeout-read", slow, answers=(json_answer({}, delay=2.5),), retries=2)
    headers = {**R, "errorExpression": f'=if error.code = "408" then bpmnError("{CAUGHT}") else null'}
    yield RestCase("timeout-caught", slow, headers=headers, answers=(json_answer({}, delay=2.5),))
    yield RestCase("timeout-not", {"readTimeoutInSeconds": 10}, answers=(json_answer({"a": 1}, delay=1.2),))
    yield RestCase("refused", {"url": "http://127.0.0.1:9/"}, retries=2)
    yield RestCase("unknown-host", {"url": "http://no-such-host.invalid/"}, retries=2)


def _inputs() -> Iterator[RestCase]:
    wrong: dict[str, dict[str, Any]] = {
        "url-missing": {"url": None},
        "url-empty": {"url": ""},
        "url-scheme": {"url": "ftp://127.0.0.1/x"},
        "url-no-scheme": {"url": "127.0.0.1/x"},
        "url-no-host": {"url": "http://"},
        "method-unknown": {"method": "FETCH"},
        "method-missing": {"method": None},
        "method-lower": {"method": "get"},
        "authentication-unknown": {"authentication": {"type": "magic"}},
        "authentication-null": {"authentication": None},
        "authentication-no-type": {"authentication": {}},
        "basic-no-user": {"authentication": {"type": "basic", "password": "x"}},
        "bearer-no-token": {"authentication": {"type": "bearer"}},
        "headers-text": {"headers": "X: 1"},
        "headers-list": {"headers": ["X"]},
        "query-text": {"queryParameters": "a=1"},
        "timeout-text": {"readTimeoutInSeconds": "20"},
        "timeout-word": {"readTimeoutInSeconds": "long"},
        "timeout-negative": {"readTimeoutInSeconds": -1},
        "timeout-zero": {"readTimeoutInSeconds": 0},
        "unknown-member": {"whatever": 1},
        "follow-text": {"followRedirects": "true"},
        "header-newline": {"headers": {"X-Bad": "a\r\nX-Injected: b"}},
    }
    for name, variables in wrong.items():
        yield RestCase(f"input-{name}", variables, retries=2)

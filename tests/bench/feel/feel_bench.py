"""Speed and memory of FEEL engines on the same expressions, in one run; writes the table into docs/benchmarks.md.

    PYTHONPATH=tests/support:tests/differential/feel:tests/bench/feel python -m feel_bench [--to docs/benchmarks.md]

Needs a JDK of version 17 or later, Maven, and Node 20 or later.
"""

import argparse
import platform
import subprocess
import sys
from pathlib import Path
from statistics import geometric_mean
from typing import Any

from benchmark_page import write_section
from feel_engines import Lines, camunda, feelin, ours, ours_cold

BODY: dict[str, Any] = {
    "id": "o-1",
    "total": 3,
    "status": "ok",
    "items": [{"sku": f"s{number}", "price": number * 1.5, "tags": ["a", "b"]} for number in range(10)],
    "customer": {"name": "Ada", "address": {"city": "London"}},
}
RESPONSE = {"status": 200, "headers": {"server": "nginx"}, "body": BODY}
VARIABLES: dict[str, Any] = {
    **RESPONSE,
    "response": RESPONSE,
    "error": {"code": "404", "message": "not found"},
    "job": {"retries": 3},
}
MANY: dict[str, Any] = {"items": [{"sku": f"s{number}", "price": number % 100} for number in range(1_000)]}
FILTER = "{total: sum(items[price > 10].price), first: items[price > 10][1].sku}"
TYPICAL = [
    "{total: response.body.items[price > 10].price[1], id: response.body.id}",
    "{city: response.body.customer.address.city, name: response.body.customer.name}",
    "{ok: response.status >= 200 and response.status < 300, server: response.headers.server}",
    'if error.code = "404" then {errorType: "bpmnError", errorCode: "NOT_FOUND", errorMessage: error.message} else null',
    "if response.status = 429 then {retries: job.retries - 1} else null",
    "{skus: for item in response.body.items return item.sku, count: count(response.body.items)}",
    '{label: upper case(body.customer.name) + " (" + string(body.total) + ")"}',
    "{expensive: some item in body.items satisfies item.price > 12}",
    '{due: string(date("2026-11-24") + duration("P14D")), id: body.id}',
    "response.body",
]


def main() -> int:
    """Measure, print the section, and write it where the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--to", type=Path, help="a Markdown file; what is between its two feel markers is replaced")
    options = parser.parse_args()
    with camunda() as jvm, feelin() as node:
        section = "\n".join([*_speeds(jvm, node), "", _memory()])
    print(section)
    if options.to:
        write_section("feel", section, options.to)
    return 0


def _speeds(jvm: Lines, node: Lines) -> list[str]:
    rows = [
        "Evaluations per second, one core, every number from the same run; in brackets how many times as fast we are.",
        f"Python {platform.python_version()}, {platform.machine()}.",
        "",
        "| expression | here | Camunda's engine, JVM behind a pipe | the same inside the JVM | feelin on Node |",
        "|---|---|---|---|---|",
    ]
    measured = [_warm(jvm, node, expression, VARIABLES, 2_000) for expression in TYPICAL]
    rows += [_row(f"`{expression.replace('|', '')}`", speeds) for expression, speeds in zip(TYPICAL, measured, strict=True)]
    means = tuple(geometric_mean(speeds) for speeds in zip(*measured, strict=True))
    rows.append(_row("**the ten, geometric mean**", means))
    rows.append(_row(f"1,000 items: `{FILTER}`", _warm(jvm, node, FILTER, MANY, 200)))
    cold = [f"{{n: {number}, total: response.body.items[price > {number}].price[1]}}" for number in range(2_000)]
    rows.append(_row("never seen before", _cold(jvm, node, cold)))
    return rows


_Speeds = tuple[float, ...]


def _warm(jvm: Lines, node: Lines, expression: str, variables: dict[str, Any], times: int) -> _Speeds:
    jvm.inside(expression, variables, times * 2)
    node.inside(expression, variables, times)
    return (
        ours(expression, variables, 0.5),
        jvm.through_pipe(expression, variables, times // 4),
        jvm.inside(expression, variables, times),
        node.inside(expression, variables, times // 2),
    )


def _cold(jvm: Lines, node: Lines, expressions: list[str]) -> _Speeds:
    """The JVM and Node parse every time: for them nothing but the texts differs from the warm runs."""
    return (
        ours_cold(expressions, VARIABLES),
        geometric_mean(jvm.through_pipe(expression, VARIABLES, 1) for expression in expressions[:500]),
        geometric_mean(jvm.inside(expression, VARIABLES, 1) for expression in expressions),
        geometric_mean(node.inside(expression, VARIABLES, 1) for expression in expressions[:500]),
    )


def _row(name: str, speeds: _Speeds) -> str:
    first, *others = speeds
    cells = [f"{first:,.0f}", *(f"{speed:,.0f} ({first / speed:.1f})" for speed in others)]
    return f"| {name} | {' | '.join(cells)} |"


_MEMORY_PROGRAM = """
from pathlib import Path
used = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
bare = used()
from camunda_feel import compile
imported = used()
for number in range(1000):
    compile(f"{{n: {number}, total: response.body.items[price > {number}].price[1]}}").evaluate({"response": {}})
print(f"Memory: {imported - bare:.1f} MB for the package, {used() - imported:.1f} MB for 1,000 kept expressions.")
"""


def _memory() -> str:
    return subprocess.run([sys.executable, "-c", _MEMORY_PROGRAM], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

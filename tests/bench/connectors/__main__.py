"""Measures out-of-the-box connectors and writes their table into docs/benchmarks.md: `python tests/bench/connectors`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "deploy" / "local")]

from bench_row import SECONDS, Row  # noqa: E402 - the paths above come first
from benchmark_page import write_section  # noqa: E402 - the paths above come first
from messaging_rows import kafka, rabbitmq  # noqa: E402
from rest_rows import rest, rest_slow  # noqa: E402
from sql_rows import sql  # noqa: E402

ROWS: Mapping[str, Callable[[], Awaitable[Row]]] = {
    "rest": rest, "rest-slow": rest_slow, "sql": sql, "kafka": kafka, "rabbitmq": rabbitmq,
}  # fmt: skip


async def table(names: list[str]) -> str:
    """All rows, measured one after the other."""
    lines = [
        f"Each connector alone in a pod with jobs without end, for {SECONDS:.0f} s; gateway and server are processes beside it, "
        f"all on one machine of {os.cpu_count()} cores.",
        "",
        "| connector | jobs/s | CPU ms per job | most memory, MB | not completed |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        row = await ROWS[name]()
        print(row, file=sys.stderr)
        lines.append(f"| {row.name} | {row.jobs_per_second:.0f} | {row.cpu_ms:.2f} | {row.megabytes:.0f} | {row.failed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all, or some of: {', '.join(ROWS)}")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    made = asyncio.run(table(given.rows or list(ROWS)))
    print(made)
    if given.write:
        write_section("connectors", made)

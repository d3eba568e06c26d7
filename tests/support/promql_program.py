"""Prometheus' own engine, built once: it runs scripts in the language of Prometheus' own tests.

Source: https://github.com/prometheus/prometheus/tree/main/promql/promqltest
"""

import subprocess
from functools import cache
from pathlib import Path

from go_install import installed

from local_cluster.cache import content_key

_MODULE = Path(__file__).parents[1] / "data" / "promql"


@cache
def program() -> str:
    """The program, built if need be; RuntimeError where there is no Go."""
    return str(installed(f"promql-{content_key(_MODULE)}", "Prometheus' engine", ".", within=_MODULE) / "promql")


def run_script(script: str) -> None:
    """Fails with the engine's words when an expression cannot be read or has another value than the script says."""
    done = subprocess.run([program()], input=script, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"

"""What Flux and Helm themselves make of objects: kstatus' own Go code, built once and asked."""

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from go_install import installed
from kstatus import State

from connector_operator.domain.objects import Object
from local_cluster.cache import content_key

_MODULE = Path(__file__).parents[1] / "data" / "kstatus"


@cache
def program() -> str:
    """The program, built if need be; RuntimeError where there is no Go."""
    return str(installed(f"kstatus-{content_key(_MODULE)}", "kstatus", ".", within=_MODULE) / "kstatus")


def states(objects: Sequence[Object]) -> list[State]:
    """The state of each object."""
    done = subprocess.run([program()], input=json.dumps(objects), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [State(state) for state in json.loads(done.stdout)]

"""The command line: `python -m local_cluster COMMAND`, from deploy/local.

Results go to standard output, what a person reads while waiting to standard error.
"""

import argparse
import signal
from collections.abc import Callable, Sequence

from local_cluster import cluster_commands, zeebe_commands
from local_cluster.cache import Cache, cache_root
from local_cluster.cluster import LocalCluster
from local_cluster.errors import LocalClusterError
from local_cluster.prerequisites import current_environment
from local_cluster.progress import say


def main(arguments: Sequence[str]) -> int:
    """Run one command: 0 when it did what was asked, 1 when it cannot or something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m local_cluster", description="Kubernetes, images and Zeebe for demo and tests on this machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    cluster_commands.register(commands)
    zeebe_commands.register(commands)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)  # as careful an end as by Ctrl-C
    environment = current_environment()
    cluster = LocalCluster(Cache(cache_root(environment)), environment)
    command: Callable[[argparse.Namespace, LocalCluster], int] = options.command
    try:
        return command(options, cluster)
    except LocalClusterError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("interrupted; run the command again to go on, or `down` to undo")
        return 130


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt

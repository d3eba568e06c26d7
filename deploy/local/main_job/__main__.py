"""`python -m main_job demo|down`, from deploy/local."""

import argparse
import signal
import sys

from local_cluster.errors import LocalClusterError
from main_job.demo import demo
from main_job.down import down


def main() -> int:
    """Run one command: 0 when it did what was asked, 1 when it cannot, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m main_job", description="The main job, end to end.")
    parser.add_argument("command", choices=["demo", "down"])
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        {"demo": demo, "down": down}[options.command]()
    except LocalClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; `make demo` goes on from here, `make demo-down` takes everything away", file=sys.stderr)
        return 130
    return 0


sys.exit(main())

"""`python -m local_cluster`."""

import sys

from local_cluster.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

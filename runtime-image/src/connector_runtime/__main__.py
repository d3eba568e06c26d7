"""`python -m connector_runtime` is `connector-runtime`."""

import gc
import sys

# What is imported stays. To look through it for garbage again and again takes a tenth of the start.
gc.disable()
from connector_runtime.cli import main  # noqa: E402 - the line above comes first

gc.enable()

if __name__ == "__main__":
    sys.exit(main())

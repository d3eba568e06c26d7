"""`python -m connector_runtime` is `connector-runtime`."""

import sys

from connector_runtime.cli import main

sys.exit(main())

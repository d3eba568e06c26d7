"""`python -m connector_operator`, as the operator's image starts it."""

import sys

from connector_operator.cli import main

sys.exit(main())

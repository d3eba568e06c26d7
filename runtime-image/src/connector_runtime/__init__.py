"""The job worker of a Connector pod: activates jobs, runs connector functions, tells Zeebe how each job ended."""

import sys

# httpx imports its command line wherever rich and click happen to be installed: a tenth of a second at each start and 5 MB.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] - None is documented: importing it is an ImportError

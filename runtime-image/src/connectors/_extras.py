"""Clients that only some images have: what is missing is said with the extra that brings it."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Generator[None]:
    """Around the imports of an optional client; ImportError that names the extra `connector-runtime[name]`."""
    try:
        yield
    except ImportError as error:
        msg = f"cannot import '{error.name}': this image was built without the extra '{name}', add connector-runtime[{name}]"
        raise ImportError(msg, name=error.name) from error

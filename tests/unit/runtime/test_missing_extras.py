"""A connector whose client the image lacks says which extra brings it."""

import sys

import pytest

from connector_runtime.config import Source
from connector_runtime.loading import LoadError, load_functions


def test_a_missing_client_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("connectors.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(LoadError, match=r"'asyncpg'.*built without the extra 'sql', add connector-runtime\[sql\]"):
        load_functions("sql", Source(builtin="sql"))

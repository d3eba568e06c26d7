"""From a source to a connector function: the faults, and the isolation of Connectors from each other."""

import json
import pickle
import sys
from pathlib import Path

import pytest
from job_worker import python_source

from connector_runtime.config import Source
from connector_runtime.loading import LoadError, LoadFault, builtin_names, load_function

HEAD = "from connector_sdk import connector\n"
FUNCTION = HEAD + '@connector(id="t:1", name="T")\ndef run(v: dict):\n    return {"from": __name__}\n'


def source(folder: Path, entry_point: str, **files: str) -> Source:
    return Source.model_validate(python_source(folder, entry_point, **files))


def refused(name: str, of: Source) -> LoadError:
    with pytest.raises(LoadError) as refusal:
        load_function(name, of)
    return refusal.value


def test_a_builtin_is_found_by_its_name_with_dashes() -> None:
    assert load_function("x", Source(builtin="http-json")).id == "io.camunda:http-json:1"


def test_builtins_are_the_modules_that_are_not_private() -> None:
    assert "http-json" in builtin_names()
    assert all(name[0] not in "-_" for name in builtin_names())


@pytest.mark.parametrize("builtin", ["nonsense", "http_json", "../os", "-http-authentication", "", "http-json.x"])
def test_an_unknown_builtin_is_named_and_those_there_are_listed(builtin: str) -> None:
    error = refused("x", Source(builtin=builtin))
    assert error.fault is LoadFault.UNKNOWN_BUILTIN
    assert f"cannot find a built-in connector '{builtin}'" in str(error)
    assert "http-json" in str(error)


@pytest.mark.parametrize("entry_point", ["crm", "crm:", ":run", "crm.py:run", "crm:run()", "../crm:run", "a-b:c", ""])
def test_a_malformed_entry_point_shows_how_to_write_it(tmp_path: Path, entry_point: str) -> None:
    error = refused("x", source(tmp_path, entry_point, crm=FUNCTION))
    assert error.fault is LoadFault.MALFORMED_ENTRY_POINT
    assert "'module:attribute'" in str(error)


@pytest.mark.parametrize(
    ("files", "entry_point", "fault", "texts"),
    [
        ({"other": FUNCTION}, "crm:run", LoadFault.FILE_MISSING, ["cannot find 'crm.py'", "other.py"]),
        ({}, "crm:run", LoadFault.FILE_MISSING, ["no Python files"]),
        ({"crm": "x = 1\ndef broken(:\n"}, "crm:run", LoadFault.SYNTAX_ERROR, ["'crm.py' line 2"]),
        ({"crm": "import nonsense_42\n"}, "crm:run", LoadFault.IMPORT_RAISED, ["nonsense_42", "'crm.py' line 1"]),
        ({"crm": "x = 1\n1 / 0\n"}, "crm:run", LoadFault.IMPORT_RAISED, ["ZeroDivisionError", "'crm.py' line 2"]),
        ({"crm": "import sys\nsys.exit(3)\n"}, "crm:run", LoadFault.IMPORT_RAISED, ["SystemExit: 3"]),
        ({"crm": FUNCTION}, "crm:walk", LoadFault.ATTRIBUTE_MISSING, ["cannot find 'walk'", "connector functions there: run"]),
        ({"crm": "x = 1"}, "crm:walk", LoadFault.ATTRIBUTE_MISSING, ["connector functions there: none"]),
        (
            {"crm": FUNCTION + "def walk(v): ...\n"},
            "crm:walk",
            LoadFault.NOT_A_CONNECTOR_FUNCTION,
            ["it is a function and not a connector function", "@connector(", "connector functions there: run"],
        ),
        (
            {"crm": HEAD + '@connector(id="t:1", name="T")\ndef run(v: str): ...\n'},
            "crm:run",
            LoadFault.IMPORT_RAISED,
            ["annotate its first parameter", "'crm.py' line 2"],
        ),
    ],
)
def test_each_fault_is_told_apart_and_says_what_to_change(
    tmp_path: Path, files: dict[str, str], entry_point: str, fault: LoadFault, texts: list[str]
) -> None:
    error = refused("x", source(tmp_path, entry_point, **files))
    assert error.fault is fault
    for text in texts:
        assert text in str(error)


def test_a_folder_that_is_not_there_is_a_missing_file(tmp_path: Path) -> None:
    error = refused("x", Source(path=tmp_path / "nowhere", entry_point="crm:run"))
    assert error.fault is LoadFault.FILE_MISSING


def test_two_connectors_may_have_modules_of_the_same_name(tmp_path: Path) -> None:
    uses = HEAD + "import rules\n" + '@connector(id="t:1", name="T")\ndef run(v: dict):\n    return rules.NAME\n'
    first = load_function("first", source(tmp_path / "1", "crm:run", crm=uses, rules="NAME = 'one'"))
    second = load_function("second", source(tmp_path / "2", "crm:run", crm=uses, rules="NAME = 'two'"))
    assert (first({}), second({})) == ("one", "two")
    assert "rules" not in sys.modules
    assert "crm" not in sys.modules


def test_a_sibling_may_be_imported_in_every_way_and_at_any_time(tmp_path: Path) -> None:
    text = (
        HEAD
        + "import rules, parts.deep\nimport parts.deep as deep\nfrom parts import deep as again\nfrom rules import NAME\n"
        + '@connector(id="t:1", name="T")\ndef run(v: dict):\n'
        + "    import late\n    from parts import other\n"
        + "    return [rules.NAME, NAME, parts.deep.X, deep.X, again.X, late.Y, other.Z]\n"
    )
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").write_text("")
    (tmp_path / "parts" / "deep.py").write_text("from . import other\nfrom rules import NAME\nX = 'deep ' + NAME")
    (tmp_path / "parts" / "other.py").write_text("Z = 'other'")
    function = load_function("all", source(tmp_path, "crm:run", crm=text, rules="NAME = 'r'", late="Y = 'late'"))
    assert function({}) == ["r", "r", "deep r", "deep r", "deep r", "late", "other"]


def test_an_own_module_hides_a_library_from_its_connector_only(tmp_path: Path) -> None:
    text = HEAD + "import json\n" + '@connector(id="t:1", name="T")\ndef run(v: dict):\n    return json.dumps(v)\n'
    function = load_function("hides", source(tmp_path, "crm:run", crm=text, json="def dumps(v): return 'mine'"))
    assert function({}) == "mine"
    assert json.dumps({}) == "{}"


def test_an_entry_point_may_be_in_a_package(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "__init__.py").write_text("")
    (tmp_path / "acme" / "crm.py").write_text(FUNCTION)
    assert load_function("packaged", source(tmp_path, "acme.crm:run")).id == "t:1"


def test_values_of_own_classes_can_be_pickled(tmp_path: Path) -> None:
    text = FUNCTION + "class Thing:\n    pass\n@connector(id='t:2', name='T')\ndef make(v: dict):\n    return Thing()\n"
    thing = load_function("pickles", source(tmp_path, "crm:make", crm=text))({})
    assert type(pickle.loads(pickle.dumps(thing))) is type(thing)


def test_a_module_that_failed_once_loads_after_it_was_corrected(tmp_path: Path) -> None:
    refused("again", source(tmp_path, "crm:run", crm="1 / 0"))
    (tmp_path / "crm.py").write_text(FUNCTION)
    assert load_function("again", source(tmp_path, "crm:run")).id == "t:1"

"""`connectors lint`, `render` and `crds` on files: what they say, and how they end."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenario_bad_objects import BAD_OBJECTS, CONNECTOR, RUNTIME, BadObject, changed
from scenario_objects import SAMPLES

from connector_operator.api.crd import crds
from connector_operator.cli import main

Output = pytest.CaptureFixture[str]
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"connectors": "allowed"}}}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write a file of these objects or this text; its path."""

    def _write(*content: dict[str, Any] | str, name: str = "file.yaml") -> Path:
        path = tmp_path / name
        path.write_text("---\n".join(item if isinstance(item, str) else json.dumps(item) + "\n" for item in content))
        return path

    return _write


def _lint(*paths: Path) -> int:
    return main(["lint", *(str(path) for path in paths)])


def test_the_samples_have_nothing_to_complain_about(capsys: Output) -> None:
    good = [SAMPLES / name for name in ("namespace.yaml", "policy.yaml", "connectors.yaml", "runtime.yaml", "secret.yaml")]
    assert main(["lint", "-n", "shop", *map(str, good)]) == 0
    assert capsys.readouterr().out == "7 objects, nothing to complain about\n"


def test_the_sample_that_a_policy_refuses_is_told(capsys: Output) -> None:
    assert main(["lint", "-n", "shop", str(SAMPLES)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{SAMPLES / 'refused.yaml'}: Connector mailer: RefusedByPolicy: ConnectorPolicy 'shop' allows no job")


@pytest.mark.parametrize("bad", BAD_OBJECTS, ids=str)
def test_a_bad_object_is_told_with_file_object_and_field(write: Any, bad: BadObject, capsys: Output) -> None:
    path = write(bad.manifest)
    assert _lint(path) == 1
    out = capsys.readouterr().out
    assert f"{path}: {bad.manifest['kind']} {bad.manifest['metadata']['name']}: InvalidSpec: " in out
    assert bad.model in out


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("spec.jobtype", "spec.jobtype: unknown field; did you mean 'jobType'?"),
        ("spec.source.builtIn", "spec.source.builtIn: unknown field; did you mean 'builtin'?"),
        ("spec.source.zzz", "spec.source.zzz: unknown field; expected builtin, configMap, image, package"),
        ("spec.setings", "spec.setings: unknown field; did you mean 'settings'?"),
        ("metadata.lables", "metadata.lables: unknown field; did you mean 'labels'?"),
        ("sepc", "sepc: unknown field; did you mean 'spec'?"),
    ],
)
def test_an_unknown_field_is_told_with_the_nearest_name(write: Any, path: str, said: str, capsys: Output) -> None:
    file = write(changed(CONNECTOR, path, "x"))
    assert _lint(file) == 1
    assert capsys.readouterr().out == f"{file}: Connector probe: InvalidSpec: {said}\n"


def test_an_unknown_field_in_a_list_is_told_with_its_place(write: Any, capsys: Output) -> None:
    secret = {"name": "A", "secretKeyRef": {"name": "a", "key": "b", "optionl": True}}
    assert _lint(write(changed(CONNECTOR, "spec.secrets", [secret]))) == 1
    assert "spec.secrets[0].secretKeyRef.optionl: unknown field; expected name, key" in capsys.readouterr().out


def test_a_label_that_is_a_number_is_told(write: Any, capsys: Output) -> None:
    assert _lint(write(changed(CONNECTOR, "metadata.labels", {"team": 7}))) == 1
    assert "InvalidSpec: metadata.labels.team: input should be a valid string (got 7)" in capsys.readouterr().out


def test_an_element_template_that_would_not_be_published_is_told(write: Any, capsys: Output) -> None:
    labels = {"connectors.camunda.io/part": "source"}
    given = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "given", "labels": labels}, "data": {"t.json": "[{}]"}}
    connector = changed(CONNECTOR, "spec.elementTemplates", [{"configMapKeyRef": {"name": "given", "key": "t.json"}}])
    file = write(given, connector, RUNTIME)
    assert _lint(file) == 1
    said = f"{file}: Connector probe: InvalidElementTemplate: spec.elementTemplates[0]: ConfigMap 'given' key 't.json': "
    assert capsys.readouterr().out.startswith(said)


def test_a_bad_connector_is_told_once_however_many_runtimes_select_it(write: Any, capsys: Output) -> None:
    runtimes = [changed(RUNTIME, "metadata.name", name) for name in ("one", "two")]
    assert _lint(write(changed(CONNECTOR, "spec.timeout", "soon"), *runtimes)) == 1
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_free_form_members_have_no_unknown_fields(write: Any) -> None:
    connector = changed(CONNECTOR, "spec.settings", {"anything": {"goes": []}})
    runtime = changed(RUNTIME, "spec.connectors", {"selector": {"matchLabels": {"any.label/x": "y"}}})
    assert _lint(write(connector, runtime)) == 0


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("connectors.camunda.io/v1", "Connector"), ("connectors.camunda.io/v1alpha1", "Connectors")],
)
def test_a_kind_or_version_that_is_not_ours_is_told(write: Any, api_version: str, kind: str, capsys: Output) -> None:
    assert _lint(write(CONNECTOR | {"apiVersion": api_version, "kind": kind})) == 1
    assert f"InvalidSpec: unknown kind {kind} of {api_version}; expected Connector or" in capsys.readouterr().out


def test_other_peoples_objects_are_none_of_our_business(write: Any) -> None:
    assert _lint(write({"apiVersion": "example.com/v1", "kind": "ConnectorPolicy", "metadata": {"name": "x"}, "spec": 7})) == 0


def test_a_job_type_twice_is_told_in_the_file_of_the_younger(write: Any, capsys: Output) -> None:
    first, second = (changed(CONNECTOR, "metadata.name", name) for name in "ab")
    paths = [write(item, name=f"{item['metadata']['name']}.yaml") for item in (first, second, RUNTIME)]
    assert _lint(*paths) == 1
    assert capsys.readouterr().out.startswith(f"{paths[1]}: Connector b: JobTypeConflict: spec.jobType: ")


def test_equal_names_in_two_namespaces_are_two_objects(write: Any, capsys: Output) -> None:
    both = [
        [changed(item, "metadata.namespace", space) for item in (CONNECTOR, changed(CONNECTOR, "metadata.name", "z"), RUNTIME)]
        for space in ("a", "b")
    ]
    both[1][1]["spec"] = {"jobType": "other:1", "source": {"builtin": "x"}}
    paths = [write(*items, name=f"{number}.yaml") for number, items in enumerate(both)]
    assert _lint(*paths) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{paths[0]}: Connector z: JobTypeConflict")


def test_a_folder_is_read_with_all_its_yaml_files(write: Any, tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "deep").mkdir()
    write(CONNECTOR, name="deep/a.yml")
    write("not yaml: [", name="readme.md")
    assert _lint(tmp_path) == 0
    assert capsys.readouterr().out == "1 objects, nothing to complain about\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "while parsing"),
        ("- a\n", "document 1: a Kubernetes object needs apiVersion, kind and metadata.name"),
        ("kind: Connector\n", "document 1: a Kubernetes object needs apiVersion, kind and metadata.name"),
        ("---\n---\napiVersion: v1\nkind: X\nmetadata: []\n", "document 2: a Kubernetes object needs"),
        ("a: .nan\n", "it holds what JSON, and so Kubernetes, has no word for"),
        ("a: !!binary aGVsbG8=\n", "it holds what JSON, and so Kubernetes, has no word for"),
        ("a: !!python/object/apply:os.getpid []\n", "could not determine a constructor"),
        ("a: &x [*x]\n", "it holds what JSON, and so Kubernetes, has no word for"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_two_and_says_where(write: Any, text: str, said: str, capsys: Output) -> None:
    path = write(text)
    assert _lint(path) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"connectors: cannot read '{path}'")
    assert said in err


def test_a_file_that_is_not_there_ends_with_two(tmp_path: Path, capsys: Output) -> None:
    assert _lint(tmp_path / "gone.yaml") == 2
    assert capsys.readouterr().err == f"connectors: cannot read '{tmp_path / 'gone.yaml'}': there is no such file or folder\n"


def test_bytes_that_are_no_text_end_with_two(tmp_path: Path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    assert _lint(path) == 2


def test_what_looks_like_a_date_stays_text_as_with_kubectl(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(yaml.safe_dump(CONNECTOR).rstrip() + "\n  settings: {since: 2026-01-01}\n---\n" + yaml.safe_dump(RUNTIME))
    assert main(["render", str(path)]) == 0
    assert '"since": "2026-01-01"' in capsys.readouterr().out.replace('\\"', '"')


def test_rendering_prints_what_would_be_applied_and_tells_problems_apart(write: Any, capsys: Output) -> None:
    bad = changed(changed(CONNECTOR, "metadata.name", "bad"), "spec.timeout", "soon")
    assert main(["render", "-n", "shop", str(write(CONNECTOR, bad, RUNTIME, NAMESPACE))]) == 1
    printed = capsys.readouterr()
    kinds = [item["kind"] for item in yaml.safe_load_all(printed.out)]
    assert kinds == ["ServiceAccount", "ConfigMap", "ConfigMap", "Deployment", "Service"]
    assert printed.err.startswith("shop/bad: InvalidSpec: spec.timeout: string should match pattern")


def test_a_runtime_that_cannot_be_read_renders_nothing(write: Any, capsys: Output) -> None:
    assert main(["render", str(write(changed(RUNTIME, "spec.replicas", -1)))]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("default/probe: InvalidSpec: spec.replicas: ")


def test_crds_are_printed_written_and_compared(tmp_path: Path, capsys: Output) -> None:
    assert main(["crds"]) == 0
    assert list(yaml.safe_load_all(capsys.readouterr().out)) == crds()
    assert main(["crds", "--to", str(tmp_path), "--check"]) == 1
    assert main(["crds", "--to", str(tmp_path)]) == 0
    assert main(["crds", "--to", str(tmp_path), "--check"]) == 0
    file = tmp_path / "connectors.connectors.camunda.io.yaml"
    file.write_text(file.read_text() + "# edited\n")
    capsys.readouterr()
    assert main(["crds", "--to", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().err == f"{file} differs from the models: run `make crds`\n"


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["lint"]])
def test_wrong_usage_ends_with_two(arguments: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: connectors" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_ends_with_two(write: Any, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setenv("CONNECTOR_OPERATOR_PORT", "many")
    assert main(["render", str(write(RUNTIME))]) == 2
    assert capsys.readouterr().err == "connectors: CONNECTOR_OPERATOR_PORT: needs a port number from 1 to 65535 (got 'many')\n"

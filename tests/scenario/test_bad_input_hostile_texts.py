"""A hostile text in any place of any spec is refused with a reason, or it is data: no manifest changes its shape."""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import scenario_objects as objects
from hostile_texts import HOSTILE, LONG, PRODUCT
from spec_generator import SCHEMAS
from spec_variants import CONNECTORS, POLICIES, RUNTIMES, VARIANTS, Place, Spec, dotted, members, renamed, replaced

from connector_operator.domain.policy import read_policy
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ResolvedRuntime

HARMLESS = "harmless"
SOURCES = [objects.source("code", shop__py="", crm__py="", t__json="{}")]
NEIGHBOUR = objects.connector("anchor")


def _with_connector(spec: Spec) -> ResolvedRuntime:
    probe = objects.connector("probe", second=9)
    probe["spec"] = spec
    found = objects.resolved(NEIGHBOUR, probe, of=objects.runtime(egress={"deniedRanges": ["10.0.0.0/8"]}), sources=SOURCES)
    return replace(found, copies_images=True)


def _with_runtime(spec: Spec) -> ResolvedRuntime:
    shop = objects.runtime()
    shop["spec"] = spec
    package = objects.connector("packed", second=1, **CONNECTORS["package"])
    return objects.resolved(NEIGHBOUR, package, of=shop, sources=SOURCES)


def _refusal(found: ResolvedRuntime) -> Problem | None:
    return found.problem or found.problems.get("probe")


def _manifests(found: ResolvedRuntime) -> list[Any]:
    return [] if found.spec is None or found.problem else [dict(item) for item in objects.rendered(found).manifests]


def _shape(node: Any, *texts: str) -> Any:
    """The structure of a JSON value: names and places, without the texts in them; JSON within texts is looked into."""
    if isinstance(node, dict):
        return sorted((_word(name, texts), _shape(value, *texts)) for name, value in node.items())
    if isinstance(node, list):
        return ("list", *(_shape(item, *texts) for item in node))
    if isinstance(node, str) and node.startswith("{\n"):
        return ("json", _shape(json.loads(node), *texts))
    return type(node).__name__


def _word(name: str, texts: tuple[str, ...]) -> str:
    return "TEXT" if name in texts else name


def _text_places(spec: Spec) -> list[Place]:
    return [place for place, value in members(spec) if isinstance(value, str)]


def _free_names(spec: Spec) -> list[Place]:
    """Members whose names a user chooses."""
    maps = ("settings", "podTemplate", "matchLabels", "limits", "requests")
    return [place for place, _ in members(spec) if any(name in maps for name in place[:-1]) and isinstance(place[-1], str)]


def _schema_texts(schema: dict[str, Any], at: str = "") -> Iterator[str]:
    if schema.get("type") == "string" and "enum" not in schema:
        yield at.removeprefix(".")
    for name, child in schema.get("properties", {}).items():
        yield from _schema_texts(child, f"{at}.{name}")
    if "items" in schema:
        yield from _schema_texts(schema["items"], f"{at}[]")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_text_of_the_schemas_has_its_place_in_these_tests(kind: str) -> None:
    covered = {dotted(place) for spec in VARIANTS[kind].values() for place in _text_places(spec)}
    assert set(_schema_texts(SCHEMAS[kind])) - covered == set()


def _attempts(spec: Spec) -> Iterator[tuple[Place, list[Spec], list[tuple[str, Spec]]]]:
    """For every place: the spec with harmless texts there, and each hostile text with the spec that has it there."""
    for place in _text_places(spec):
        original = dict(members(spec))[place]
        attempts = [attempt for text in (*HOSTILE, LONG) for attempt in (text, f"{original}{text}")]
        yield place, [spec, replaced(spec, place, HARMLESS)], [(text, replaced(spec, place, text)) for text in attempts]
    for place in _free_names(spec):
        yield place, [spec, renamed(spec, place, HARMLESS)], [(text, renamed(spec, place, text)) for text in (*HOSTILE, LONG)]


def _check(found: ResolvedRuntime, text: str, shapes: list[Any]) -> str:
    """What is wrong with what became of one attempt; empty when nothing is."""
    manifests = _manifests(found)
    problem = _refusal(found)
    if problem and (not problem.message.strip() or len(problem.message) > 5_000):
        return f"a poor reason: {problem}"
    if _shape(manifests, text) not in shapes:
        return "another shape"
    if PRODUCT in json.dumps(manifests):
        return "something was evaluated"
    if any("$(" in word.replace("$$", "") for word in _words(manifests)):
        return "the kubelet would put in a variable"
    return next((f"a path leaves its place: {path}" for path in _paths(manifests) if not _stays(path)), "")


def _pods(manifests: list[Any]) -> Iterator[Any]:
    return (manifest["spec"]["template"]["spec"] for manifest in manifests if manifest["kind"] == "Deployment")


def _words(manifests: list[Any]) -> Iterator[str]:
    """Every word of the commands that we write; what a patch of the pod adds is its author's own."""
    for pod in _pods(manifests):
        for container in (*pod.get("initContainers", ()), *pod["containers"]):
            yield from (*container.get("command", ()), *container.get("args", ()))


def _paths(manifests: list[Any]) -> Iterator[str]:
    for pod in _pods(manifests):
        for place, value in members(pod):
            if place[-1] in ("mountPath", "path", "subPath") and isinstance(value, str):
                yield value


def _stays(path: str) -> bool:
    return posixpath.normpath(path) == path and ".." not in path.split("/") and "\0" not in path


def _neighbour(found: ResolvedRuntime) -> Any:
    (entry,) = [one for one in json.loads(objects.configured(found).workers[0].text)["connectors"] if one["name"] == "anchor"]
    return entry


@pytest.mark.timeout(400)
@pytest.mark.parametrize("variant", CONNECTORS)
def test_a_hostile_text_in_a_connector_is_refused_or_data(variant: str) -> None:
    wrong: list[str] = []
    neighbour = _neighbour(_with_connector({}))
    accepted = refused = 0
    for place, plain, attempts in _attempts(CONNECTORS[variant]):
        shapes = [_shape(_manifests(_with_connector(one)), HARMLESS) for one in (*plain, {})]
        for text, spec in attempts:
            found = _with_connector(spec)
            accepted, refused = accepted + ("probe" not in found.problems), refused + ("probe" in found.problems)
            said = _check(found, text, shapes) or ("" if _neighbour(found) == neighbour else "the neighbour changed")
            wrong += [f"{dotted(place)} {text[:60]!r}: {said}"] if said else []
    assert wrong == []
    assert accepted, "only refused: nothing was tried"
    assert refused, "nothing was refused"


@pytest.mark.timeout(400)
@pytest.mark.parametrize("variant", RUNTIMES)
def test_a_hostile_text_in_a_runtime_is_refused_or_data(variant: str) -> None:
    wrong: list[str] = []
    for place, plain, attempts in _attempts(RUNTIMES[variant]):
        shapes = [_shape([]), *(_shape(_manifests(_with_runtime(one)), HARMLESS) for one in plain)]
        for text, spec in attempts:
            said = _check(_with_runtime(spec), text, shapes)
            wrong += [f"{dotted(place)} {text[:60]!r}: {said}"] if said else []
    assert wrong == []


def test_a_hostile_text_in_a_policy_makes_it_unreadable_or_is_compared_as_it_is() -> None:
    said: dict[bool, int] = {True: 0, False: 0}
    for place, _plain, attempts in _attempts(POLICIES["everything"]):
        for text, spec in attempts:
            policy = read_policy(objects.policy(**spec))
            said[isinstance(policy, Problem)] += 1
            if isinstance(policy, Problem):
                assert policy.message.strip(), dotted(place)
            found = objects.resolved(NEIGHBOUR, policies=[objects.policy(**spec)])
            assert PRODUCT not in json.dumps([_manifests(found), [str(problem) for problem in found.problems.values()]]), text
    assert all(said.values())

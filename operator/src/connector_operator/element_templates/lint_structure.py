"""Rules on what the parts of a template say about each other: ids, groups, conditions, bindings."""

import json
from collections.abc import Iterator
from itertools import combinations

from connector_operator.element_templates.findings import Finding, Rule
from connector_operator.element_templates.view import Atom, PropertyView, TemplateView, exclude_each_other, scalars, text


def structure(template: TemplateView) -> Iterator[Finding]:
    """All findings of this page."""
    for rule in (_ids, _bindings, _groups, _conditions, _contradictions, _circles):
        yield from rule(template)


def _ids(template: TemplateView) -> Iterator[Finding]:
    for identifier, holders in template.by_id.items():
        for first, second in combinations(holders, 2):
            if not exclude_each_other(first, second):
                message = f"id '{identifier}' is also that of properties[{first.index}]"
                yield second.finding(
                    Rule.DUPLICATE_ID, "id", message, "rename one, or give them conditions that exclude each other"
                )


def _bindings(template: TemplateView) -> Iterator[Finding]:
    places: dict[str, list[PropertyView]] = {}
    for item in template.properties:
        if item.binding:
            places.setdefault(json.dumps(item.binding, sort_keys=True), []).append(item)
    for holders in places.values():
        for first, second in combinations(holders, 2):
            if not exclude_each_other(first, second):
                message = f"its binding is also that of '{first.name}' (properties[{first.index}])"
                yield second.finding(Rule.DUPLICATE_BINDING, "binding", message, "bind it elsewhere, or let conditions decide")


def _groups(template: TemplateView) -> Iterator[Finding]:
    ids = [text(group.get("id")) for group in template.groups]
    for item in template.properties:
        group = text(item.document.get("group"))
        if group is not None and group not in ids:
            yield item.finding(Rule.GROUP_TARGET, "group", f"there is no group '{group}'", "add it to 'groups'")
    used = {text(item.document.get("group")) for item in template.properties}
    for index, identifier in enumerate(ids):
        path = ("groups", index)
        if identifier in ids[:index]:
            yield Finding(Rule.DUPLICATE_GROUP, path, f"group '{identifier}' stands twice", "remove or rename one")
        elif identifier not in used:
            yield Finding(Rule.EMPTY_GROUP, path, f"group '{identifier}' has no property", "remove it, Modeler hides it")


def _conditions(template: TemplateView) -> Iterator[Finding]:
    for item in template.properties:
        for atom in item.atoms:
            targets = template.by_id.get(atom.target, [])
            if not targets:
                message = f"property '{item.name}': there is no property '{atom.target}' to depend on"
                yield Finding(Rule.CONDITION_TARGET, atom.path, message, "correct the name, or give that property this id")
            elif all(target.index == item.index for target in targets):
                message = f"property '{item.name}' depends on itself, so it never appears"
                yield Finding(Rule.CONDITION_ITSELF, atom.path, message, "name another property")
            else:
                yield from _target(item, atom, [target for target in targets if target.index != item.index])


def _target(item: PropertyView, atom: Atom, targets: list[PropertyView]) -> Iterator[Finding]:
    if all(target.index > item.index for target in targets):
        message = f"property '{item.name}' stands before '{atom.target}', which decides about it"
        yield Finding(Rule.CONDITION_ORDER, atom.path, message, f"move it behind '{atom.target}'")
    if not all(target.type == "Dropdown" for target in targets):
        return
    choices = {value for target in targets for value in scalars([choice.get("value") for choice in target.choices])}
    for value in sorted((atom.values or frozenset()) - choices, key=str):
        message = f"property '{item.name}' waits for '{value}', which is no choice of '{atom.target}'"
        yield Finding(Rule.CONDITION_VALUE, atom.path, message, "correct the value, or add the choice")


def _contradictions(template: TemplateView) -> Iterator[Finding]:
    for item in template.properties:
        for first, second in combinations(item.atoms, 2):
            same = first.target == second.target and first.values is not None and second.values is not None
            if same and not (first.values or frozenset()) & (second.values or frozenset()):
                message = f"property '{item.name}': '{first.target}' cannot have both values, so it never appears"
                yield Finding(Rule.CONDITION_CONTRADICTION, second.path, message, "use 'oneOf' for either of them")


def _circles(template: TemplateView) -> Iterator[Finding]:
    edges = {
        identifier: {atom.target for holder in holders for atom in holder.atoms} - {identifier}
        for identifier, holders in template.by_id.items()
    }
    done: set[str] = set()
    for start in edges:
        if start not in done and start in (circle := _reachable(start, edges)):
            members = {name for name in circle if start in _reachable(name, edges)}
            done |= members
            names = ", ".join(f"'{name}'" for name in sorted(members))
            message = f"{names} depend on each other, so none of them ever appears"
            yield template.by_id[start][0].finding(Rule.CONDITION_CYCLE, "condition", message, "remove one of the conditions")


def _reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(edges.get(name, ()))
    return found

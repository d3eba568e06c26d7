"""Compares camunda_feel with Camunda's engine on random expressions, and shows the smallest ones that differ.

    PYTHONPATH=tests/support:tests/differential/feel python -m feel_fuzz --seed 1 --count 100000 [--golden FILE]

With `--golden`, what differs is also written as lines of the form of `tests/data/feel/*.jsonl`, with the engine's answer;
with `--sample` the short expressions are, whether they differ or not.
Ends with 1 when something differs.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feel_expressions import VARIABLES, Expressions, Tree
from feel_oracle import Oracle

from camunda_feel import FeelError, evaluate

BATCH = 2_000
MOST_CUTS = 400


def main() -> int:
    """Run the comparison that the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--show", type=int, default=30, help="minimise and show so many different ones")
    parser.add_argument("--golden", type=Path, help="append what differs, with the engine's answer")
    parser.add_argument("--sample", type=Path, help="instead, append the short ones, with the engine's answer")
    options = parser.parse_args()
    begun = time.monotonic()
    if options.sample:
        return _sample(options.sample, Expressions(options.seed), options.count)
    with Oracle() as oracle:
        found = list(_differences(oracle, Expressions(options.seed), options.count))
        shown = _distinct(oracle, found, options.show)
        for expression, ours, theirs in shown:
            print(f"{expression}\n    camunda {json.dumps(theirs)[:200]}\n    ours    {json.dumps(ours)[:200]}")
        if options.golden:
            _append(options.golden, shown)
    print(f"{options.count:,} expressions of seed {options.seed}: {len(found)} differ, {time.monotonic() - begun:.0f} s")
    return 1 if found else 0


def _sample(path: Path, expressions: Expressions, count: int) -> int:
    trees = [str(expressions.next()) for _ in range(count)]
    short = sorted({tree for tree in trees if 20 < len(tree) <= 110})
    with Oracle() as oracle:
        answers = list(oracle.ask(short, VARIABLES))
    pairs = zip(short, answers, strict=True)
    _append(path, [(tree, {}, theirs) for tree, theirs in pairs if theirs and not _has_no_json(theirs.get("value"))])
    return 0


def _differences(oracle: Oracle, expressions: Expressions, count: int) -> Iterator[Tree]:
    for begin in range(0, count, BATCH):
        trees = [expressions.next() for _ in range(min(BATCH, count - begin))]
        answers = oracle.ask([str(tree) for tree in trees], VARIABLES)
        for tree, theirs in zip(trees, answers, strict=True):
            if theirs is None:
                print(f"the engine gave no answer to {tree}")
            elif not agrees(answer(str(tree)), theirs):
                yield tree


def answer(expression: str) -> dict[str, Any]:
    """What camunda_feel gives, in the form of the oracle."""
    try:
        return {"value": evaluate(expression, VARIABLES)}
    except FeelError as error:
        return {"error": error.message}


def agrees(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether the answers are the same, or differ as they are meant to: docs/feel.md lists how."""
    if "error" in theirs or "error" in ours:
        return ("error" in theirs) == ("error" in ours) or _has_no_json(theirs.get("value"))
    return same(ours["value"], theirs["value"])


def same(ours: Any, theirs: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(value, theirs[key]) for key, value in ours.items())
    return ours == theirs


def _has_no_json(value: Any) -> bool:
    """Whether Jackson wrote something for a function, a range or an infinite number, which we refuse."""
    text = json.dumps(value)
    return '"comparable"' in text or '"Infinity"' in text or '"-Infinity"' in text or '"NaN"' in text


def _distinct(oracle: Oracle, found: list[Tree], most: int) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The smallest form of what differs, one of each shape."""
    shapes: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {}
    for tree in found[: most * 4]:
        expression = str(_minimise(oracle, tree))
        theirs = next(oracle.ask([expression], VARIABLES))
        if theirs is not None:
            shapes.setdefault(re.sub(r"[0-9.]+|\"[^\"]*\"", "1", expression), (expression, answer(expression), theirs))
        if len(shapes) >= most:
            break
    return list(shapes.values())


def _minimise(oracle: Oracle, tree: Tree) -> Tree:
    """The smallest tree that cuts lead to and that still differs."""
    for _ in range(MOST_CUTS):
        candidates = sorted(tree.replacements(), key=lambda other: len(str(other)))
        candidates = [other for other in candidates if len(str(other)) < len(str(tree))]
        answers = oracle.ask([str(other) for other in candidates], VARIABLES)
        pairs = zip(candidates, list(answers), strict=True)
        smaller = (other for other, theirs in pairs if theirs and not agrees(answer(str(other)), theirs))
        found = next(smaller, None)
        if found is None:
            return tree
        tree = found
    return tree


def _append(path: Path, shown: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for expression, _, theirs in shown:
            answered = {"value": theirs["value"]} if "value" in theirs else {"error": True}
            file.write(json.dumps({"expression": expression, **answered}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""Compares our verdict on element templates with that of Camunda Modeler's own validator.

    PYTHONPATH=tests/support python tests/differential/templates [--repository CHECKOUT] [--mutants 2000] [--to FILE]

Over the fixtures of the schema's repository and over templates spoilt at random. Exits 1 when one verdict differs. `--to`
writes the verdicts on mutants of our own templates, which a unit test compares without node.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, cast

import node_validator
from template_builder import good_template
from template_mutations import mutants

from connector_operator.element_templates.schema import is_valid

ROOT = Path(__file__).parents[3]
SAMPLE, SEED = 400, 8


def main() -> int:
    """Compare, print one line per set, and the first templates that are judged differently."""
    options = _options()
    if options.to:
        _write_sample(options.to)
        return 0
    fixtures = node_validator.fixtures(options.repository or node_validator.checkout())
    seeds = [item for item in fixtures.values() if isinstance(item, dict)] + _own()
    sets = {
        "fixtures": list(fixtures.values()),
        "own templates": _own(),
        "mutants": list(mutants(seeds, options.mutants, options.seed)),
    }
    return 1 if sum(_compare(name, templates) for name, templates in sets.items()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, help="a checkout of the schema's repository; default: cloned into the cache")
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, help="write the sample of verdicts that the unit test reads")
    return parser.parse_args()


def _own() -> list[Any]:
    return [
        good_template(),
        *(json.loads(path.read_text()) for path in sorted((ROOT / "runtime-image/element-templates").glob("*.json"))),
    ]


def _compare(name: str, templates: list[Any]) -> int:
    theirs = node_validator.verdicts(templates)
    different = [(item, verdict) for item, verdict in zip(templates, theirs, strict=True) if _ours(item) is not verdict]
    print(f"{name}: {len(templates)} templates, {sum(theirs)} valid; {len(different)} verdicts differ")
    for item, verdict in different[:3]:
        print(f"  the validator says {verdict}: {json.dumps(item)[:2000]}", file=sys.stderr)
    return len(different)


def _ours(template: Any) -> bool:
    """A file holds one template or a list of them."""
    if isinstance(template, list):
        return all(is_valid(item) for item in cast("list[Any]", template))
    return is_valid(template)


def _write_sample(path: Path) -> None:
    verdicts = node_validator.verdicts(list(mutants([good_template()], SAMPLE, SEED)))
    text = "".join("1" if verdict else "0" for verdict in verdicts)
    sample = {"validator": node_validator.VERSION, "seed": SEED, "verdicts": text}
    path.write_text(json.dumps(sample, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

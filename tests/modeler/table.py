"""The proof's result as a table, one row for each template."""

from collections import Counter
from collections.abc import Iterable, Sequence

from proof import Proof, Stage
from published import Key, key_of

HEADINGS = ("element template", "loaded", "applied", "fields filled", "exported", "deployed", "executed by", "equal")


def table(proofs: Sequence[Proof], loaded: frozenset[Key]) -> str:
    """The table as text; `n/m` counts the elements that came through."""
    keys = dict.fromkeys(key_of(one.template) for one in proofs)
    rows = [HEADINGS, *(_row(key, [one for one in proofs if key_of(one.template) == key], key in loaded) for key in keys)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _row(key: Key, proofs: Sequence[Proof], loaded: bool) -> tuple[str, ...]:
    executors = Counter(one.executed_by for one in proofs if one.executed_by)
    return (
        f"{key[0]} v{key[1]}",
        "yes" if loaded else "NO",
        _share(proofs, Stage.APPLIED),
        f"{sum(one.fields for one in proofs)} in {_share(proofs, Stage.FILLED)}",
        _share(proofs, Stage.EXPORTED),
        _share(proofs, Stage.DEPLOYED),
        ", ".join(f"{name} {count}" for name, count in sorted(executors.items(), reverse=True)) or "NOBODY",
        _share(proofs, Stage.EQUAL),
    )


def _share(proofs: Sequence[Proof], stage: Stage) -> str:
    return f"{sum(one.came_through(stage) for one in proofs)}/{len(proofs)}"


def wrong(proofs: Iterable[Proof]) -> list[str]:
    """One line for each thing that is wrong, and for each stage that was not reached."""
    lines: list[str] = []
    for one in proofs:
        lines += [f"{one.title}: {stage}: {text}" for stage, texts in one.findings.items() for text in texts]
        if not any(one.findings.values()) and not all(one.came_through(stage) for stage in Stage):
            lines.append(f"{one.title}: came only to '{list(one.findings)[-1] if one.findings else 'nothing'}'")
    return lines

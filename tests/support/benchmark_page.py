"""docs/benchmarks.md: each benchmark has its section there between two marks, and writes that alone."""

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Put a text between the marks of a section; ValueError, and nothing written, where the page has no such section."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    content = page.read_text(encoding="utf-8")
    before, begun, rest = content.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        msg = f"cannot write to '{page}': it has no lines '{begin}' and '{end}'"
        raise ValueError(msg)
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")

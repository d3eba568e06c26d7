"""Where benchmarks write what they measured."""

from pathlib import Path

import benchmark_page
import pytest


@pytest.mark.parametrize("name", ["runtime", "feel", "operator", "connectors"])
def test_each_benchmark_has_a_section_and_changes_no_other(tmp_path: Path, name: str) -> None:
    page = tmp_path / "benchmarks.md"
    before = benchmark_page.PAGE.read_text(encoding="utf-8")
    page.write_text(before, encoding="utf-8")
    benchmark_page.write_section(name, "measured", page)
    begin, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    head, rest = before.split(begin)
    assert page.read_text(encoding="utf-8") == head + begin + "measured" + end + rest.split(end)[1]


def test_a_page_without_the_section_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n", encoding="utf-8")
    with pytest.raises(ValueError, match="it has no lines '<!-- runtime -->'"):
        benchmark_page.write_section("runtime", "measured", page)
    assert page.read_text(encoding="utf-8") == "# Benchmarks\n"

import os
import sys
from pathlib import Path

import pytest

from local_cluster.errors import LocalClusterError
from local_cluster.progress import LongCommand, run, tail


def command(folder: Path, program: str, seconds_between_lines: float = 20) -> LongCommand:
    return LongCommand("making it …", [sys.executable, "-c", program], folder / "log", folder, os.environ, seconds_between_lines)


def test_a_long_command_shows_that_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # it ends only after a line was shown, so that there is one however slow the machine is
    program = "import pathlib, time\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"
    shown: list[str] = []

    class GoAfterTheFirstLine:
        def write(self, text: str) -> int:
            shown.append(text)
            if "…" in text and "making" not in text:
                (tmp_path / "go").touch()
            return len(text)

        def flush(self) -> None:
            return

    monkeypatch.setattr(sys, "stderr", GoAfterTheFirstLine())
    run(command(tmp_path, program, seconds_between_lines=0.05))
    text = "".join(shown)
    assert text.startswith("making it …\n  … ")
    assert "  done in " in text


def test_a_failed_command_is_reported_with_the_end_of_its_output(tmp_path: Path) -> None:
    program = "import sys; print('a' * 10); print('no space left', file=sys.stderr); sys.exit(7)"
    with pytest.raises(LocalClusterError, match=r"cannot finish: making it(.|\n)*ended with 7(.|\n)*no space left"):
        run(command(tmp_path, program))


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n".join(map(str, range(100))), encoding="utf-8")
    assert tail(tmp_path / "log", lines=2).split() == ["98", "99"]


def test_a_missing_log_is_said_to_be_empty(tmp_path: Path) -> None:
    assert "is empty" in tail(tmp_path / "none")

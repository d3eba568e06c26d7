"""What every command's `register` gets."""

import argparse
from typing import Protocol


class Subcommands(Protocol):
    """The one thing that commands do with argparse's subparsers, whose own class has no public name."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own word
        """Add one command."""
        ...

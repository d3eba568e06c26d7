"""What a module needs to add its commands to a command line."""

from argparse import ArgumentParser
from typing import Protocol


class Commands(Protocol):
    """The commands of a parser, as argparse makes them; its own class is private."""

    def add_parser(self, name: str, *, help: str) -> ArgumentParser:  # noqa: A002  argparse named it
        """A new command."""
        ...

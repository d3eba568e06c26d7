"""The one exception that reaches a person."""


class LocalClusterError(Exception):
    """What was asked for cannot be done; the text says why and what to do next."""

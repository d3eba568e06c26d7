"""What a service or its client says, fit for a message."""

MOST_CHARACTERS = 300


def one_line(said: object, most: int = MOST_CHARACTERS) -> str:
    """The words in one line, and of that the first `most` characters."""
    return " ".join(str(said).split())[:most]

"""Every pinned version in one place; Go modules are pinned further by the go.sum files under `src/`."""

from typing import Final

KUBERNETES: Final = "1.36.3"
CONTAINERD: Final = "2.4.2"
COREDNS: Final = "1.15.0"
ZEEBE: Final = "8.6.0"
# of the .tar.gz that Maven Central serves
ZEEBE_SHA256: Final = "5c699e86a6c9d290dd7b1f0b2ea648fb57fd1dacf1cab22c874219e58827ea45"
MAVEN_DEPENDENCY_PLUGIN: Final = "3.6.1"

# The oldest that work
PYTHON: Final = (3, 11)
GO: Final = (1, 26, 6)
# from this release on, `go` fetches the toolchain that a go.mod asks for, unless GOTOOLCHAIN forbids it
GO_SWITCHES_TOOLCHAIN: Final = (1, 21)
JAVA: Final = 21
OPENSSL: Final = (3, 0)


def parse_version(text: str) -> tuple[int, ...]:
    """The leading dotted numbers of a version text: `go1.26.8` and `OpenSSL 3.0.19` give (1, 26, 8) and (3, 0, 19).

    A text without a number gives the empty tuple, which is older than every version.
    """
    start = next((index for index, character in enumerate(text) if character.isdigit()), len(text))
    numbers: list[int] = []
    for part in text[start:].split("."):
        digits = part[: next((i for i, c in enumerate(part) if not c.isdigit()), len(part))]
        if digits:
            numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)

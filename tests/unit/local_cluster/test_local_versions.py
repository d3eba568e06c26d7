import pytest

from local_cluster.java import feature_version
from local_cluster.versions import parse_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go1.26.8", (1, 26, 8)),
        ("go1.27rc1", (1, 27)),
        ("OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19)", (3, 0, 19)),
        ('JAVA_VERSION="25.0.3"', (25, 0, 3)),
        ("21", (21,)),
        ("", ()),
        ("devel", ()),
    ],
)
def test_a_version_is_the_leading_dotted_numbers(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_no_version_is_older_than_every_version() -> None:
    assert parse_version("unknown") < (0,)


@pytest.mark.parametrize(
    ("text", "feature"), [('JAVA_VERSION="1.8.0_392"', 8), ('JAVA_VERSION="17.0.15"', 17), ("openjdk 21", 21), ("", 0)]
)
def test_the_feature_version_of_java_is_its_first_number_or_the_second_in_the_old_notation(text: str, feature: int) -> None:
    assert feature_version(text) == feature

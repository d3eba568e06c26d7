"""Answers about objects that are remembered."""

from connector_operator.domain.remembered import remembered


def counting(size):
    asked = []

    @remembered(size)
    def read(obj):
        asked.append(obj["name"])
        return obj["name"].upper()

    return read, asked


def test_an_object_is_read_once():
    read, asked = counting(2)
    obj = {"name": "a"}
    assert [read(obj), read(obj)] == ["A", "A"]
    assert asked == ["a"]


def test_an_equal_object_is_another_one():
    read, asked = counting(2)
    read({"name": "a"})
    read({"name": "a"})
    assert asked == ["a", "a"]


def test_what_was_asked_for_longest_ago_is_read_again():
    read, asked = counting(2)
    first, second, third = ({"name": name} for name in "abc")
    for obj in (first, second, first, third, first, second):
        assert read(obj) == obj["name"].upper()
    assert asked == ["a", "b", "c", "b"]

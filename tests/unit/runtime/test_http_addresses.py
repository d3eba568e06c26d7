"""The address of a REST call: what is sent as it is written must be what it would become anyway."""

from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors._http_address import address

WORDS = st.text(alphabet="ab.Z09-_~!$&'()*+,;=:@%[]|ü ", max_size=6)
PATHS = st.lists(WORDS | st.sampled_from([".", "..", "...", "a..", "%2F", "%c3"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
HOSTS = st.sampled_from(["example.com", "EXAMPLE.com", "a.b-c", "127.0.0.1", "[::1]", "bücher.example", "a_b"])
PORTS = st.sampled_from(["", ":80", ":443", ":8080", ":0"])
QUERIES = st.just("") | WORDS.map(lambda query: f"?{query}/?")
URLS = st.tuples(st.sampled_from(["http", "https"]), HOSTS, PORTS, PATHS | st.just(""), QUERIES, st.sampled_from(["", "#f"])).map(
    lambda parts: f"{parts[0]}://{''.join(parts[1:])}"
)


@given(url=URLS)
@example(url="http://example.com/a/../b")
@example(url="http://example.com:80/a")
def test_an_address_is_what_httpx_makes_of_it_without_its_fragment(url: str):
    try:
        expected = httpx.URL(url)
    except httpx.InvalidURL:
        with pytest.raises(httpx.InvalidURL):
            address(url, [], skip_encoding=False)
        return
    assert httpx.URL(address(url, [], skip_encoding=False)) == expected.copy_with(fragment=None)


@pytest.mark.parametrize(
    ("url", "parameters", "expected"),
    [
        ("http://a/b", [("q", "x y")], "http://a/b?q=x%20y"),
        ("http://a/b?", [("q", 1)], "http://a/b?q=1"),
        ("http://a/b?x=1#part", [("q", None)], "http://a/b?x=1&q"),
        ("http://a/b?x=1", [("q", [])], "http://a/b?x=1"),
        ("http://a/b", [("q", ["1", 2, None])], "http://a/b?q=1&q=2&q"),
        ("http://a/", [("ü", True)], "http://a/?%C3%BC=true"),
    ],
)
def test_parameters_come_after_the_addresss_own_query(url: str, parameters: list[tuple[str, Any]], expected: str):
    assert address(url, parameters, skip_encoding=False) == expected


def test_what_is_encoded_already_stays_so_where_that_is_asked_for():
    assert address("http://a/b", [("q", "x%20y/z")], skip_encoding=True) == "http://a/b?q=x%20y/z"
    assert address("http://a/b", [("q", "x%20y/z")], skip_encoding=False) == "http://a/b?q=x%2520y%2Fz"

"""A SOAP request: the envelope around XML that is made of a template or of JSON.

https://www.w3.org/TR/2000/NOTE-SOAP-20000508/ and https://www.w3.org/TR/soap12-part1/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast
from xml.sax.saxutils import escape

import orjson

from connector_sdk import InputError
from connectors._extras import extra

with extra("soap"):
    etree: Any = import_module("lxml.etree")  # it has no types

Element = Any
"""Of lxml."""
SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_NAME = re.compile(r"[^\W\d][\w.-]*(:[^\W\d][\w.-]*)?")
_PREFIX = "soapenv"


@dataclass(frozen=True, slots=True)
class Part:
    """What is to stand in a header or a body: a template with its values, or JSON."""

    place: str
    """The input's name of it, for people."""
    template: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    document: Any = None


def parser() -> Any:
    """One that reads nothing but the text itself."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)


def envelope(version: str, header: Part | None, body: Part, namespaces: Mapping[str, str]) -> Element:
    """The whole request; InputError names the input that is no XML."""
    known = {**namespaces, _PREFIX: SOAP[version]}
    declared = "".join(f' xmlns:{prefix}="{escape(uri, {chr(34): "&quot;"})}"' for prefix, uri in known.items())
    made = _parsed(f"<{_PREFIX}:Envelope{declared}/>", "namespaces")
    for name, part in (("Header", header), ("Body", body)):
        if part is not None:
            holder = etree.SubElement(made, f"{{{SOAP[version]}}}{name}")
            holder.extend(_elements(part, declared))
    return made


def written(made: Element) -> bytes:
    """As it goes over the wire."""
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8")


def _elements(part: Part, declared: str) -> list[Element]:
    text = _filled(part) if part.template is not None else "".join(_xml(part.document, part.place))
    holder = _parsed(f"<holder{declared}>{text}</holder>", part.place)
    if (holder.text or "").strip():
        msg = f"cannot use {part.place}: it must be XML elements, and begins with text"
        raise InputError(msg)
    return list(holder)


def _parsed(text: str, field: str) -> Element:
    try:
        return etree.fromstring(text.encode(), parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        msg = f"cannot use {field}: it is no XML whose namespaces are given: {error}"
        raise InputError(msg) from error


def _filled(part: Part) -> str:
    """The template with its values, which are text to XML whatever they hold."""
    return _PLACEHOLDER.sub(lambda match: escape(_value(part, match[1])), part.template or "")


def _value(part: Part, path: str) -> str:
    value: Any = part.values
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            msg = f"cannot fill {part.place}: its context has no '{path}'"
            raise InputError(msg)
        value = cast("Mapping[str, Any]", value)[name]
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _xml(value: Any, field: str) -> list[str]:
    """JSON as XML: members are elements, a list repeats its element."""
    if not isinstance(value, Mapping):
        msg = f"cannot use {field}: it must be an object whose members become XML elements"
        raise InputError(msg)
    pieces: list[str] = []
    for name, member in cast("Mapping[str, Any]", value).items():
        if not _NAME.fullmatch(name):
            msg = f"cannot use {field}: '{name}' is not the name of an XML element"
            raise InputError(msg)
        items = cast("list[Any]", member) if isinstance(member, list) else [member]
        for item in items:
            inside = "".join(_xml(item, field)) if isinstance(item, Mapping) else escape(_text(item))
            pieces.append(f"<{name}>{inside}</{name}>")
    return pieces

"""A SOAP answer as JSON, and what its faults mean.

https://www.w3.org/TR/soap12-part1/#soapfault
"""

from typing import Any

from connectors._one_line import one_line
from connectors._soap_envelope import SOAP, Element, etree, parser

MOST_SAID = 500
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_OUR_FAULT = ("client", "sender", "versionmismatch", "mustunderstand", "dataencodingunknown")


class NotSoapError(Exception):
    """The text says why the answer is no SOAP envelope."""


def read(content: bytes) -> Element:
    """The envelope of an answer; NotSoapError for anything else."""
    try:
        root = etree.fromstring(content, parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotSoapError(f"it is not XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise NotSoapError("it brings a document type of its own")
    if root.tag not in [f"{{{uri}}}Envelope" for uri in SOAP.values()]:
        raise NotSoapError("it is not a SOAP envelope")
    return root


def json_of(element: Element) -> Any:
    """Elements by their local names, repeated ones as a list, leaves as texts; attributes as `@name`, beside them `#text`."""
    if element.get(_NIL) in ("true", "1"):
        return None
    members: dict[str, Any] = {f"@{_local(str(name))}": value for name, value in element.attrib.items()}
    for child in element.iterchildren(etree.Element):
        name = _local(str(child.tag))
        value = json_of(child)
        if name not in members:
            members[name] = value
        elif isinstance(members[name], _Repeated):
            members[name].append(value)
        else:
            members[name] = _Repeated([members[name], value])
    text = (element.text or "").strip() if len(element) else element.text or ""
    if not members:
        return text
    return members | ({"#text": text} if text else {})


class _Repeated(list[Any]):
    """The values of elements of one name."""


def fault_of(envelope: Element) -> Element | None:
    """The fault in an answer's body."""
    for uri in SOAP.values():
        found = envelope.find(f"{{{uri}}}Body/{{{uri}}}Fault")
        if found is not None:
            return found
    return None


def fault_code(fault: Element) -> str:
    """Such as `Client` or `Sender`, without its namespace."""
    for path in ("faultcode", *(f"{{{uri}}}Code/{{{uri}}}Value" for uri in SOAP.values())):
        text = fault.findtext(path)
        if text:
            return text.strip().rpartition(":")[2]
    return "unknown"


def fault_text(fault: Element) -> str:
    """What the service says for people."""
    for path in ("faultstring", *(f"{{{uri}}}Reason/{{{uri}}}Text" for uri in SOAP.values())):
        text = fault.findtext(path)
        if text:
            return one_line(text, MOST_SAID)
    return "no reason given"


def is_ours(code: str) -> bool:
    """Whether the fault says that the request is wrong, so that sending it again is useless."""
    return code.partition(".")[0].lower() in _OUR_FAULT


def _local(name: str) -> str:
    return name.rpartition("}")[2]

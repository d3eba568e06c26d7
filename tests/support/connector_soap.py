"""A small SOAP service with a WSDL: it checks orders, knows who may ask, and answers with faults as the standards say."""

import base64
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.etree import ElementTree

from aiohttp import web
from loopback_server import listening

ORDERS = "http://example.com/orders"
SOAP = {
    "text/xml": "http://schemas.xmlsoap.org/soap/envelope/",
    "application/soap+xml": "http://www.w3.org/2003/05/soap-envelope",
}
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
_WSSE, _WSU = f"{{{_SECURITY}secext-1.0.xsd}}", f"{{{_SECURITY}utility-1.0.xsd}}"
USER, PASSWORD = "ada", "canary-soap-4711"
WSDL = f"""<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:o="{ORDERS}" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="{ORDERS}">
 <types><x:schema targetNamespace="{ORDERS}" elementFormDefault="qualified">
  <x:element name="check"><x:complexType><x:sequence>
   <x:element name="id" type="x:string"/><x:element name="item" type="x:string" maxOccurs="unbounded"/>
  </x:sequence></x:complexType></x:element>
  <x:element name="checked"><x:complexType><x:sequence><x:element name="total" type="x:decimal"/></x:sequence></x:complexType>
  </x:element></x:schema></types>
 <message name="check"><part name="p" element="o:check"/></message>
 <message name="checked"><part name="p" element="o:checked"/></message>
 <portType name="Orders"><operation name="check"><input message="o:check"/><output message="o:checked"/></operation></portType>
 <binding name="Orders" type="o:Orders"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="check"><soap:operation soapAction="{ORDERS}/check"/>
   <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
 <service name="Orders"><port name="Orders" binding="o:Orders"><soap:address location="http://127.0.0.1/orders"/></port></service>
</definitions>"""


@dataclass(slots=True)
class SoapShop:
    """Answers `check` with the number of items; a Sender's fault for what it cannot read, a Receiver's for the id `broken`."""

    address: str = ""
    needs_user: bool = False
    actions: list[str] = field(default_factory=list[str])
    bodies: list[bytes] = field(default_factory=list[bytes])

    async def _serve(self, request: web.Request) -> web.Response:
        content = await request.read()
        self.bodies.append(content)
        self.actions.append(request.headers.get("SOAPAction") or request.headers["Content-Type"].partition("action=")[2])
        uri = SOAP[request.content_type]
        root = ElementTree.fromstring(content)
        check = root.find(f"{{{uri}}}Body/{{{ORDERS}}}check")
        if self.needs_user and not _is_ada(root.find(f"{{{uri}}}Header/{_WSSE}Security/{_WSSE}UsernameToken")):
            return _fault(uri, "Client" if uri == SOAP["text/xml"] else "Sender", "who are you?")
        if check is None:
            return _fault(uri, "Client" if uri == SOAP["text/xml"] else "Sender", "there is no check")
        if check.findtext(f"{{{ORDERS}}}id") == "broken":
            return _fault(uri, "Server" if uri == SOAP["text/xml"] else "Receiver", "the database is away")
        items = [item.text for item in check.findall(f"{{{ORDERS}}}item")]
        return _answer(uri, f'<checked xmlns="{ORDERS}"><total currency="EUR">{len(items)}</total></checked>', 200)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["SoapShop"]:
        """Listen until the block ends."""
        app = web.Application()
        app.add_routes([web.post("/orders", self._serve)])
        async with listening(app) as port:
            self.address = f"http://127.0.0.1:{port}/orders"
            yield self


def _is_ada(token: ElementTree.Element | None) -> bool:
    """Whether a user name token proves that it knows the password, in plain text or as the digest of the standard."""
    if token is None or token.findtext(f"{_WSSE}Username") != USER:
        return False
    given = token.find(f"{_WSSE}Password")
    if given is None or not given.get("Type", "").endswith("#PasswordDigest"):
        return given is not None and given.text == PASSWORD
    nonce = base64.b64decode(token.findtext(f"{_WSSE}Nonce") or "")
    created = token.findtext(f"{_WSU}Created") or ""
    return given.text == base64.b64encode(hashlib.sha1(nonce + created.encode() + PASSWORD.encode()).digest()).decode()


def _fault(uri: str, code: str, text: str) -> web.Response:
    if uri == SOAP["text/xml"]:
        inside = f"<faultcode>s:{code}</faultcode><faultstring>{text}</faultstring><detail><why>x</why></detail>"
    else:
        said = f'<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason>'
        inside = f"<s:Code><s:Value>s:{code}</s:Value></s:Code>{said}"
    return _answer(uri, f"<s:Fault>{inside}</s:Fault>", 400 if code == "Sender" else 500)


def _answer(uri: str, inside: str, status: int) -> web.Response:
    text = f'<?xml version="1.0"?><s:Envelope xmlns:s="{uri}"><s:Header/><s:Body>{inside}</s:Body></s:Envelope>'
    kind = next(kind for kind, known in SOAP.items() if known == uri)
    return web.Response(text=text, status=status, content_type=kind)

"""A connector that has a field of every kind an element template can be made from, and answers with what it was given."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr

from connector_sdk import Context, Operations, TemplateHint, connector


class Colour(Enum):
    """Some."""

    RED = "red"
    GREEN = "green"


class Card(BaseModel):
    """One way to pay."""

    kind: Literal["card"] = "card"
    number: str = Field(min_length=12, max_length=19, pattern=r"^\d+$", examples=["400000000000"])
    code: SecretStr = Field(examples=["{{secrets.CARD_CODE}}"])


class Transfer(BaseModel):
    """Another one."""

    kind: Literal["transfer"] = "transfer"
    account: str
    when: date | None = None


class Size(BaseModel):
    """Nested, so that its fields have dotted names."""

    width: int = 3
    height: float | None = None
    unit: Literal["mm", "cm"] = "mm"


class Picture(BaseModel):
    """Everything once."""

    title: str = Field(min_length=1, description="What people call it")
    note: Annotated[str | None, TemplateHint(type="Text", group="about")] = None
    colour: Annotated[Colour, TemplateHint(group="about", choices={"red": "Red", "green": "Green"})] = Colour.RED
    framed: Annotated[bool, TemplateHint(group="about")] = False
    copies: Annotated[int, TemplateHint(group="about")] = 1
    price: Annotated[Decimal | None, TemplateHint(group="about")] = None
    tags: Annotated[list[str], TemplateHint(group="about")] = Field(default_factory=list, examples=['["old", "large"]'])
    extra: Annotated[dict[str, Any] | None, TemplateHint(group="about")] = None
    glass: Annotated[
        str | None, TemplateHint(group="about", condition={"property": "framed", "equals": True, "type": "simple"})
    ] = None
    size: Size = Field(default_factory=Size)
    payment: Card | Transfer = Field(discriminator="kind")
    made: datetime | None = None
    opens: time | None = None
    patience: timedelta = timedelta(seconds=30)
    trace: Annotated[str | None, TemplateHint(header=True)] = None


class Removal(BaseModel):
    """Little."""

    title: str
    reason: Literal["sold", "lost"] = "sold"


gallery = Operations(id="acme.io:gallery:1", name="Gallery")


@gallery.operation("hang", name="Hang a picture")
async def hang(picture: Picture, context: Context) -> dict[str, Any]:
    """Answer with the picture."""
    del context
    return picture.model_dump(mode="json")


@gallery.operation("remove", name="Take a picture down")
async def remove(removal: Removal, context: Context) -> dict[str, Any]:
    """Answer with the removal."""
    del context
    return removal.model_dump(mode="json")


class Announcement(BaseModel):
    """Its element templates are not made from it."""

    text: str
    loud: bool | None = None


@connector(id="acme.io:announcement:1", name="Announcement")
async def announce(announcement: Announcement, context: Context) -> str:
    """Answer with the words."""
    del context
    return announcement.text.upper() if announcement.loud else announcement.text

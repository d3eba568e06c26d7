"""How the members of inputs and results are spelled: in camelCase, as processes know them."""

from pydantic import AliasGenerator, ConfigDict
from pydantic.alias_generators import to_camel

CAMEL = ConfigDict(alias_generator=AliasGenerator(to_camel), populate_by_name=True)

CAMEL_TEXTS: ConfigDict = {**CAMEL, "coerce_numbers_to_str": True}
"""Where a text is wanted, a number is its text: expressions give numbers."""

"""The catalogue's page for people: HTML that needs no script, every text in it escaped."""

from functools import lru_cache

import jinja2

from connector_operator.domain.catalogue_view import CatalogueView


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("connector_operator.rendering"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def catalogue_page(view: CatalogueView) -> str:
    """Render the page; texts of element templates are data, whatever they contain."""
    return _environment().get_template("catalogue.html.j2").render(view=view)


@lru_cache(maxsize=1)
def catalogue_style() -> str:
    """The style sheet of the page: for wide and narrow screens, light and dark."""
    return _environment().get_template("catalogue.css.j2").render()


@lru_cache(maxsize=1)
def catalogue_script() -> str:
    """The page's one script: narrows the list while somebody types."""
    return _environment().get_template("catalogue.js.j2").render()

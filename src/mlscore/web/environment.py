"""The templates: every value escaped, every name that is not there a fault."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from mlscore.texts import LANGUAGES, Language, say
from mlscore.web.assets import assets
from mlscore.web.words import whole


def make_environment() -> Environment:
    """Return where the templates are found and read once."""
    environment = Environment(
        loader=PackageLoader("mlscore.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["whole"] = whole
    environment.globals.update(asset=asset_path, languages=LANGUAGES, own_name=own_name)
    return environment


def asset_path(name: str) -> str:
    """Return the address of an asset."""
    return f"/static/{assets()[name].served_as}"


def own_name(language: Language) -> str:
    """Name a language as its own readers do."""
    return say("web.language.own", language)

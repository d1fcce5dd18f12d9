"""A notebook that was run as a page to read: its words and what its cells showed; the code is folded away."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def notebook_page(notebook: Mapping[str, Any]) -> str:
    """Return a run notebook (nbformat 4, as JSON) as one HTML page that fetches nothing."""
    body = "\n".join(_cell(cell) for cell in notebook["cells"])
    first = str(_joined(notebook["cells"][0]["source"])).splitlines()[0].lstrip("# ")
    made = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return made.get_template("card.html.jinja").render(title=first, body=body)


def _cell(cell: Mapping[str, Any]) -> str:
    source = _joined(cell["source"])
    if cell["cell_type"] != "code":
        # The notebooks lead to each other; so do their pages.
        return _rendered(source.replace(".ipynb)", ".html)"))
    code = f"<details><summary>The code</summary><pre><code>{escapeHtml(source)}</code></pre></details>"
    return "\n".join([code, *(_shown(output) for output in cell["outputs"])])


def _shown(output: Mapping[str, Any]) -> str:
    """Return what a cell showed; what it printed on the way is no result."""
    data = output.get("data", {})
    if "image/svg+xml" in data:
        picture = b64encode(_joined(data["image/svg+xml"]).encode()).decode()
        return f'<figure><img alt="" src="data:image/svg+xml;base64,{picture}"></figure>'
    if "text/html" in data:
        return _joined(data["text/html"])
    if "text/markdown" in data:
        return _rendered(_joined(data["text/markdown"]))
    return f"<pre>{escapeHtml(_joined(data['text/plain']))}</pre>" if "text/plain" in data else ""


def _rendered(text: str) -> str:
    return str(_MARKDOWN.render(text))


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)

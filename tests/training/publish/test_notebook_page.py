"""A run notebook as a page: its words and what it showed, and nothing fetched."""

import re
from pathlib import Path

import nbformat
from typer.testing import CliRunner

from training.commands import app
from training.publish.notebook_page import notebook_page


def a_run_notebook() -> nbformat.NotebookNode:
    """Return a notebook with one output of each kind."""
    shown = [
        {"image/svg+xml": "<svg>a plot</svg>", "text/plain": "Plot()"},
        {"text/html": "<table><tr><td>7</td></tr></table>", "text/plain": "Styler"},
        {"text/markdown": "## The card", "text/plain": "Markdown"},
        {"text/plain": "'1 < 2'"},
    ]
    cells = [
        nbformat.v4.new_code_cell("a < b", outputs=[nbformat.v4.new_output("execute_result", one)]) for one in shown
    ]
    printed = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("stream", text="on the way")])
    words = nbformat.v4.new_markdown_cell("# 01 The title\n\nNext: [the second](02-second.ipynb).")
    return nbformat.v4.new_notebook(cells=[words, *cells, printed])


def test_the_page_shows_words_and_results_and_folds_the_code_away() -> None:
    page = notebook_page(a_run_notebook())
    assert "<title>01 The title</title>" in page
    assert '<a href="02-second.html">the second</a>' in page
    assert "<td>7</td>" in page
    assert "<h2>The card</h2>" in page
    assert "<pre>'1 &lt; 2'</pre>" in page
    assert page.count("data:image/svg+xml;base64,") == 1
    assert page.count("<summary>The code</summary><pre><code>a &lt; b</code></pre>") == 4
    assert "Styler" not in page
    assert "on the way" not in page


def test_the_page_fetches_nothing() -> None:
    page = notebook_page(a_run_notebook())
    assert "default-src 'none'" in page
    assert re.findall(r'src="(?!data:image/svg)', page) == []


def test_every_notebook_of_a_folder_gets_its_page(tmp_path: Path) -> None:
    nbformat.write(a_run_notebook(), tmp_path / "01-history.ipynb")
    done = CliRunner().invoke(app, ["pages", str(tmp_path)])
    assert done.exit_code == 0
    assert "The title" in (tmp_path / "01-history.html").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["pages", str(tmp_path / "none")]).exit_code == 1

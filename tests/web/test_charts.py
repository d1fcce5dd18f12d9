"""Charts carry a title, a description and a table, and no style or script of their own."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from mlscore.web.charts import Chart, Series, draw

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - a drawing of ours


def drawn(**said):
    usual = {
        "title": "Profit <by> month",
        "says": "It rose & fell.",
        "along": "Month",
        "labels": ["Jan", "Feb", "Mar"],
        "series": [
            Series(name="Rules", ink="rules", values=[1.0, None, 3.0]),
            Series(name="Model", ink="model", values=[2.0, 2.5, 4.0]),
        ],
        "write": lambda value: "—" if value is None else f"{value:g} ₽",
    }
    return draw(Chart(**{**usual, **said}))


@pytest.mark.parametrize("kind", ["line", "bar"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_drawing_says_what_it_is_to_who_cannot_see_it(kind, size):
    root = parsed(getattr(drawn(kind=kind), size))
    title, says = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (root.get("role"), title.text, says.text) == ("img", "Profit <by> month", "It rose & fell.")
    assert root.get("aria-labelledby") == f"{title.get('id')} {says.get('id')}"


@pytest.mark.parametrize("kind", ["line", "bar"])
def test_a_drawing_brings_no_style_and_no_script(kind):
    root = parsed(drawn(kind=kind).wide)
    assert {one.tag for one in root.iter()} & {f"{SVG}style", f"{SVG}script", f"{SVG}defs"} == set()
    attributes = {name for one in root.iter() for name in one.attrib}
    assert not {name for name in attributes if name == "style" or name.startswith("on") or "href" in name}
    assert "fill" not in attributes


def test_colours_are_named_by_what_they_stand_for():
    root = parsed(drawn().wide)
    classes = " ".join(one.get("class", "") for one in root.iter())
    assert "ink-rules" in classes
    assert "ink-model" in classes
    assert "color-" not in classes


def test_the_table_of_a_chart_holds_every_figure_drawn():
    table = drawn()
    assert table.headings == ["Month", "Rules", "Model"]
    assert table.rows == [["Jan", "1 ₽", "2 ₽"], ["Feb", "—", "2.5 ₽"], ["Mar", "3 ₽", "4 ₽"]]


def test_no_two_drawings_share_an_id():
    both = [drawn().wide, drawn().narrow, drawn().wide]
    ids = [one.get("id") for svg in both for one in parsed(svg).iter() if one.get("id")]
    assert len(ids) == len(set(ids))


def test_drawing_leaves_the_import_system_as_it_was():
    drawn()
    assert [one for one in sys.meta_path if type(one).__name__ == "PluginImportFixer"] == []


def test_the_service_loads_neither_charts_nor_templates_nor_argon2_before_a_page_is_asked_for():
    code = (
        "import sys; import mlscore.api, mlscore.bootstrap, mlscore.cli.server; "
        "print([m for m in ('pygal', 'jinja2', 'argon2', 'mlscore.web') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Every word on a page comes from the catalogues: under a pseudo-locale, what is not in brackets is data."""

import re
from pathlib import Path

import pytest

import mlscore
from mlscore.scoring.policy import default_policy
from mlscore.texts import answers, catalogue, sentences
from mlscore.web.access import DOORS
from tests.web.visiting import a_stage, texts_of

NAMES = (
    r"python -m training retrain|mlscore follow|mlscore|reads all|a test|D-\d+|C-\d+|S-\d+|AAA|BBB|CCC|RUB|dairy|deal|"
    r"testclient|[0-9a-f]{12,32}|T\d\d"
)
MONTHS = r"(?:янв|февр|март|апр|май|июнь|июль|авг|сент|окт|нояб|дек)\b"
POLICY = default_policy()
OF_THE_POLICY = "|".join(
    re.escape(text)
    for text in (*(one.text_ru for one in POLICY.criteria), POLICY.name, *(one.code for one in POLICY.industries))
)
DATA = re.compile(f"{OF_THE_POLICY}|{NAMES}|{MONTHS}")
"""What a page repeats: names, values, and the criteria as their manager wrote them."""

PAGES = [door.path.format(deal_id="D-1") for door in DOORS if door.method == "GET" and door.path != "/"]
CODE = re.compile(r"\b(?:web|verdict|fact|rule|agreement|flag|answer|label|ask|step|checklist|people|model)\.[a-z_.]+")


@pytest.fixture
def pseudo(monkeypatch):
    """Put every sentence into brackets, its values left outside."""
    said = {code: re.sub(r"(\{[^}]*\})", r"⟧\1⟦", f"⟦{text}⟧") for code, text in catalogue("ru").items()}
    caches = [kept for module in (sentences, answers) for kept in vars(module).values() if hasattr(kept, "cache_clear")]
    monkeypatch.setattr(sentences, "catalogue", lambda _language: said)
    for cache in caches:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Give pages of their own: whoever else signs in has a name made of words."""
    with a_stage(tmp_path_factory.mktemp("words"), has_deals=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(stage):
    return stage.signed_in("reads all", "admin")


@pytest.mark.parametrize("path", [*PAGES, "/deals?q=nothing-at-all", "/users?user=unknown"])
@pytest.mark.usefixtures("pseudo")
def test_every_word_of_a_page_is_in_the_catalogues(stage, reader, path):
    browser = stage.browser() if path == "/sign-in" else reader
    browser.headers = {"Accept": "text/html", "Accept-Language": "ru"}
    page = " ".join(texts_of(browser.get(path).text))
    assert "⟦" in page
    outside = re.sub(r"⟦[^⟧]*⟧", " ", page)
    assert re.findall(r"[^\W\d_]{2,}", DATA.sub(" ", outside)) == []


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_a_code_in_place_of_a_sentence(stage, reader, path, language):
    browser = stage.browser() if path == "/sign-in" else reader
    browser.headers = {"Accept": "text/html", "Accept-Language": language}
    assert CODE.findall(" ".join(texts_of(browser.get(path).text))) == []


ROOT = Path(mlscore.__file__).parent
FAMILIES = (
    "web.models.gate.",
    "web.told.",
    "web.did.",
    "web.role.",
    "web.theme.",
    "web.language.",
    "web.grade.",
    "web.action.",
)
"""Sentences that are said by the value of something."""


def test_no_sentence_of_the_pages_is_said_by_nobody():
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in ROOT.rglob("*.*") if path.suffix in {".py", ".html"}
    )
    said = set(re.findall(r"""["']((?:web|people)\.[a-z_.]+)["'{]""", source))
    stems = (*FAMILIES, *(code for code in said if code.endswith(".")))
    ours = [code for code in catalogue("en") if code.startswith(("web.", "people."))]
    assert [code for code in ours if code not in said and not code.startswith(stems)] == []

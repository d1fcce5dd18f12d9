"""Models in a browser: asked for with a confirmation that says what will change."""

from mlscore.registry import write_bundle
from tests.registry.models import a_bundle, a_constant_model
from tests.web.chromium import a_tab


def test_a_model_is_asked_for_once_the_change_is_confirmed(browser, address, stage, tmp_path):
    for number in ("1", "2"):
        stage.office.shelf.put(stage.firm, number, a_bundle(tmp_path / number, a_constant_model(0.4)))
    stage.office.shelf.point(stage.firm, "1")
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/models")
        tab.page.get_by_role("link", name="2", exact=True).click()
        tab.page.get_by_text("Ask for version 2").click()
        tab.page.get_by_label("Why").fill("It earns more.")
        asked = []
        tab.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        tab.page.get_by_role("button", name="Ask for it").click()
        tab.page.wait_for_selector(".notice")
        assert asked == ["From then on version 2 answers in place of version 1, for every deal."]
        assert "Анна asked for version 2." in tab.text()
        assert stage.office.wishing.wishes.pending(stage.firm).version == "2"
        assert tab.complaints == []


def test_a_card_with_a_table_brings_no_style_of_its_own(browser, address, stage, tmp_path):
    card = "# A card\n\n| what | AUC |\n|---|---:|\n| rules | 0.7 |\n"
    write_bundle(
        tmp_path / "carded", a_constant_model(0.4), card=card, facts={"created_at": "2026-01-01T00:00:00+00:00"}
    )
    stage.office.shelf.put(stage.firm, "9", tmp_path / "carded")
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/models?version=9")
        tab.page.get_by_text("Model card").click()
        assert tab.page.locator(".prose td").all_inner_texts() == ["rules", "0.7"]
        assert tab.complaints == []

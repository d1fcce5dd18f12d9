"""The pages in a real browser: no error, no call elsewhere, no fault axe finds, in both languages and both themes."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.chromium import DESKTOP, PHONE, a_tab
from tests.web.visiting import PASSWORD

PAGES = (
    "/deals",
    "/deals?status=open&sort=-probability",
    "/deals/D-1",
    "/deals/D-3",
    "/account",
    "/users",
    "/audit",
    "/rules-and-model",
    "/queue",
    "/queue?tab=ask",
    "/overview",
    "/disagreements",
    "/disagreements?tab=closed",
    "/targets",
    "/models",
    "/exceptions",
    "/policy",
    "/policy?mode=count&criterion-steam=2,5",
    "/desk",
    "/desk?deal=D-4",
)
SERIOUS = {"serious", "critical"}
LOOKS = [("en", "light"), ("en", "dark"), ("ru", "light"), ("ru", "dark")]


def faults_of(tab):
    found = Axe().run(tab.page).response["violations"]
    return [
        (one["id"], node["target"], node.get("failureSummary"))
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_whole(browser, address, language, scheme, size):
    with a_tab(browser, address, language=language, scheme=scheme, size=size) as tab:
        tab.go("/sign-in")
        assert faults_of(tab) == []
        tab.sign_in("Анна")
        for path in PAGES:
            tab.go(path)
            assert tab.page.locator("html").get_attribute("lang") == language
            assert faults_of(tab) == [], path
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        assert tab.complaints == []


def test_a_page_without_scripts_is_whole_too(browser, address):
    with a_tab(browser, address, java_script_enabled=False) as tab:
        tab.sign_in("Анна")
        tab.go("/deals")
        tab.page.locator("select[name=status]").select_option("won")
        tab.page.get_by_role("button", name="Show").click()
        assert "status=won" in tab.page.url
        assert set(tab.page.locator("td[data-label=Outcome]").all_inner_texts()) == {"won"}


def test_a_filter_sends_itself_and_a_heading_sorts(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/deals")
        tab.page.locator("select[name=seller_id]").select_option("S-1")
        tab.page.wait_for_url("**seller_id=S-1**")
        assert "1–30 of 30" in tab.text()
        tab.page.get_by_role("link", name="Expected profit").click()
        assert tab.page.locator("th[aria-sort=descending]").inner_text().startswith("Expected profit")
        shown = tab.page.locator("td[data-label='Expected profit']").all_inner_texts()
        figures = [int(re.sub(r"\D", "", one)) for one in shown if one != "—"]
        assert figures == sorted(figures, reverse=True)
        assert len(figures) > 20
        assert tab.complaints == []


def test_the_keyboard_alone_leads_to_a_deal(browser, address):
    with a_tab(browser, address) as tab:
        tab.go("/sign-in")
        tab.page.locator("input:focus").wait_for()
        tab.page.keyboard.type("Анна")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.type(PASSWORD)
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/overview")
        tab.go("/deals")
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.className") == "skip"
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("document.activeElement.id") == "main"
        tab.page.locator("td a").first.focus()
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_url("**/deals/D-*")


def test_a_manager_reads_of_a_deal_what_the_service_answered(browser, address, stage):
    receipt = max(stage.office.receipts.of_deal(stage.firm, "D-2"), key=lambda one: one.scored_at)
    model = receipt.answer.model
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/deals/D-2")
        said = tab.text()
        assert f"{round(model.probability * 100)}%" in tab.text(".of-model .big")
        assert receipt.answer.rule.grade in tab.text(".of-rules")
        assert f"{round(model.expected_profit / 100):,}" in said
        assert len(tab.page.locator("section[aria-labelledby=check] li").all()) == 7
        assert len(tab.page.locator(".of-rules .answers li").all()) == len(receipt.answer.rule.reasons)


def test_the_history_of_a_deal_is_drawn_and_written(browser, address):
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/deals/D-1")
        chart = tab.page.locator("svg.plot.wide[role=img]")
        assert chart.locator("title").text_content() == "Probability by score"
        assert chart.locator(".dot").count() == 6
        stroke = chart.locator(".ink-model .line").evaluate("line => getComputedStyle(line).stroke")
        assert stroke == "rgb(0, 114, 178)"
        assert tab.page.locator("figure tbody tr").count() == 3
        tab.page.locator(".receipts a").last.click()
        assert "earlier score" in tab.text()


def test_a_theme_and_a_language_once_chosen_stay(browser, address, stage):
    stage.add("chooses", "viewer")
    with a_tab(browser, address) as tab:
        tab.sign_in("chooses")
        tab.go("/account")
        tab.page.locator("select[name=theme]").select_option("dark")
        tab.page.locator("select[name=language]").select_option("ru")
        tab.page.get_by_role("button", name="Save").click()
        assert "Сохранено." in tab.text()
        tab.go("/deals")
        assert tab.text("h1") == "Сделки"
        paper = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(18, 23, 29)"


def test_what_cannot_be_undone_is_asked_about_first(browser, address, stage):
    stage.add("stays", "viewer")
    with a_tab(browser, address) as tab:
        tab.sign_in("Анна")
        tab.go("/users?q=stays")
        tab.page.get_by_role("link", name="stays").click()
        asked = []
        tab.page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        tab.page.get_by_role("button", name="Keep out").click()
        assert asked == ["Keep stays out? Every session ends."]
        assert stage.office.people.called(stage.firm, "stays").disabled_at is None
        tab.page.once("dialog", lambda dialog: dialog.accept())
        tab.page.get_by_role("button", name="Keep out").click()
        tab.page.wait_for_selector(".notice")
        assert stage.office.people.called(stage.firm, "stays").disabled_at is not None


def test_a_deal_on_paper_has_no_menu_and_leaves_nothing_folded(browser, address):
    with a_tab(browser, address, scheme="dark") as tab:
        tab.sign_in("Анна")
        tab.go("/deals/D-1")
        tab.page.emulate_media(media="print")
        assert not tab.page.locator(".menu").first.is_visible()
        assert not tab.page.locator("header.top").is_visible()
        assert tab.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        tab.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert tab.page.locator("main details:not([open])").count() == 0

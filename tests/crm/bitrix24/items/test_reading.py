"""An item as the portal gives it is the deal it means, whichever way the portal wrote it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.crm.bitrix24.items import Gathered, ItemReader, PortalField, ReadItem
from mlscore.crm.bitrix24.items.cells import cell_of
from mlscore.crm.bitrix24.mapping import read_portal_mapping, read_portal_mapping_text
from mlscore.ports import Item
from mlscore.scoring.deal import Deal, Outcome, Status
from tests.builders import a_policy, roubles
from tests.crm.bitrix24.crms import EXAMPLE
from tests.crm.bitrix24.goldens import golden

WORDS = {"45": "Да", "46": "Нет"}
FIELDS = {
    "deal": {
        "opportunity": PortalField(type="double"),
        "companyId": PortalField(type="crm_company"),
        "categoryId": PortalField(type="crm_category"),
        "isReturnCustomer": PortalField(type="boolean"),
        "sourceId": PortalField(type="crm_status", words={"WEB": "Веб-сайт"}),
        "UF_STEAM": PortalField(type="double"),
        "UF_NEED": PortalField(type="enumeration", words=WORDS),
        "UF_BUDGET": PortalField(type="money"),
        "UF_BY": PortalField(type="date"),
        "UF_CODE": PortalField(type="string"),
        "UF_BROUGHT": PortalField(type="money"),
    },
    "company": {
        "revenue": PortalField(type="double"),
        "industry": PortalField(type="crm_status", words={"UC_BREW": "Пивоварение"}),
    },
}


def read(
    facts: str, item: Mapping[str, Any], *, outcome: str = "", policy: Any = None, kind: str = "deal", **gathered: Any
) -> ReadItem:
    head = f"[{kind}.facts]\n{facts}\n" + (f"[{kind}.outcome]\n{outcome}" if outcome else "")
    terms = read_portal_mapping_text(head)
    of_kind = terms.deal or terms.lead
    assert of_kind is not None
    reader = ItemReader(kind, of_kind, style=terms.style, policy=policy or a_policy())
    assert reader.faults == []
    return reader.read(Item(kind=kind, item_id="1"), Gathered(item=item, **gathered), FIELDS)


def test_the_documented_lead_is_the_deal_it_means():
    item = golden("item_get_original_names")["answer"]["result"]["item"]
    facts = (
        'created_at = "createdTime"\namount = "opportunity"\ncurrency = "currencyId"\nsource = "sourceId"\n'
        'company_id = "companyId"\nseller_id = "assignedById"\nis_existing_customer = "isReturnCustomer"\n'
        'request_text = "UF_CRM_1720019876534"'
    )
    found = read(facts, item, kind="lead")
    assert found == ReadItem(
        deal=Deal(
            deal_id="L_1",
            stage="lead",
            created_at=datetime(2024, 7, 22, 16, 0, 8, tzinfo=UTC),
            amount=99_990,
            currency="RUB",
            source="TRADE_SHOW",
            company_id="0",  # no types were told: nothing says that 0 is nobody
            seller_id="1",
            is_existing_customer=False,
            request_text="321",
        ),
        outcome=None,
        passed_over=(),
    )


def test_a_portal_that_writes_numbers_as_texts_and_empty_maps_as_lists_says_the_same():
    facts = (
        'amount = "opportunity"\ncompany_id = "companyId"\nsteam_tph = "UF_STEAM"\nneed_defined = "UF_NEED"\n'
        'budget_amount = "UF_BUDGET"\nfunnel = "categoryId"\nis_existing_customer = "isReturnCustomer"'
    )
    new = {
        "opportunity": 1000000,
        "companyId": 5,
        "UF_STEAM": 4.5,
        "UF_NEED": 45,
        "UF_BUDGET": "900.5|RUB",
        "categoryId": 0,
        "isReturnCustomer": "Y",
    }
    old = {
        "opportunity": "1000000.00",
        "companyId": "5",
        "UF_STEAM": "4.50",
        "UF_NEED": "45",
        "UF_BUDGET": "900.50|RUB",
        "categoryId": "0",
        "isReturnCustomer": 1,
    }
    assert read(facts, new) == read(facts, old)
    assert read(facts, new).deal == Deal(
        deal_id="D_1",
        stage="deal",
        amount=roubles(1_000_000),
        company_id="5",
        steam_tph=4.5,
        need_defined=True,
        budget_amount=roubles("900.50"),
        funnel="0",
        is_existing_customer=True,
    )
    nothing = dict.fromkeys(new, None) | {"UF_NEED": [], "companyId": 0, "opportunity": ""}
    assert read(facts, nothing) == read(facts, {name: [] for name in new})
    assert read(facts, nothing).deal == Deal(deal_id="D_1", stage="deal")


def test_a_zero_nobody_filled_in_is_unknown_where_the_mapping_says_so():
    facts = 'amount = { column = "opportunity", unknown = ["0"] }'
    assert read(facts, {"opportunity": "0.00"}).deal.amount is None
    assert read(facts, {"opportunity": 0.01}).deal.amount == 1


def test_codes_are_read_as_the_words_people_see_unless_the_mapping_takes_the_code():
    company = {"industry": "UC_BREW"}
    assert read('industry = "company.industry"', {}, company=company).deal.industry == "Пивоварение"
    by_code = 'industry = { column = "company.industry", levels = { "UC_BREW" = "breweries" } }'
    assert read(by_code, {}, company=company).deal.industry == "breweries"
    assert read('source = "sourceId"', {"sourceId": "UC_NEW"}).deal.source == "UC_NEW"


def test_a_day_is_a_day_though_the_portal_writes_a_moment():
    facts = 'delivery_needed_by = "UF_BY"'
    assert read(facts, {"UF_BY": "2026-12-01T03:00:00+03:00"}).deal.delivery_needed_by == date(2026, 12, 1)


def test_a_text_of_digits_keeps_its_zeros():
    assert read('region = "UF_CODE"', {"UF_CODE": "0077.50"}).deal.region == "0077.50"


def test_turnover_in_another_currency_is_unknown_and_said_to_be():
    facts = 'annual_turnover_rub = "company.revenue"'
    found = read(facts, {}, company={"revenue": 5_000_000, "currencyId": "USD"})
    assert (found.deal.annual_turnover_rub, found.passed_over) == (None, ("annual_turnover_rub",))
    assert read(facts, {}, company={"revenue": 5_000_000, "currencyId": "RUB"}).deal.annual_turnover_rub == 5_000_000


def test_money_in_another_currency_than_the_deal_s_is_unknown_and_said_to_be():
    facts = 'budget_amount = "UF_BUDGET"'
    found = read(facts, {"UF_BUDGET": "900|USD", "currencyId": "RUB"})
    assert (found.deal.budget_amount, found.passed_over) == (None, ("budget_amount",))
    assert read(facts, {"UF_BUDGET": "900|USD", "currencyId": "USD"}).deal.budget_amount == roubles(900)
    assert read(facts, {"UF_BUDGET": "|RUB", "currencyId": "USD"}) == read(facts, {"UF_BUDGET": None})


def test_a_wrong_cell_is_an_unknown_fact_and_the_others_stay():
    facts = 'need_defined = "UF_NEED"\nasap = "UF_NEED"\nsteam_tph = "UF_STEAM"'
    found = read(facts, {"UF_NEED": 99, "UF_STEAM": 4})
    assert found.deal == Deal(deal_id="D_1", stage="deal", steam_tph=4.0)
    assert found.passed_over == ("need_defined", "asap")


def test_a_field_the_portal_no_longer_has_is_passed_over_by_name():
    assert read('steam_tph = "UF_GONE"', {}).passed_over == ("steam_tph",)


def test_what_may_not_be_read_is_passed_over_and_what_is_not_there_is_just_unknown():
    facts = 'region = "company.UF_REGION"\ncost = "goods.cost"'
    assert read(facts, {}).passed_over == ()
    assert read(facts, {}, withheld=frozenset({"company", "goods"})).passed_over == ("region", "cost")


def test_the_documented_goods_add_up():
    rows = golden("productrow_list")["answer"]["result"]["productRows"]
    facts = 'amount = "goods.amount"\ncost = "goods.cost"\nrequest_text = "goods.names"'
    deal = read(facts, {}, goods=rows, costs={"9621": Decimal("70000.5"), "9623": Decimal(5000)}).deal
    assert deal.amount == roubles(3 * 90_000 + 5_550)
    assert deal.cost == roubles(Decimal("70000.5") * 3 + 5_000)
    assert deal.request_text == "iphone 14; iphone 10xs"
    assert read(facts, {}, goods=rows, costs={"9621": Decimal(1)}).deal.cost is None
    assert read(facts, {}, goods=[]).deal.amount is None


@pytest.mark.parametrize(
    ("semantic", "status", "profit"), [("S", Status.WON, roubles(1_200)), ("F", Status.LOST, None)]
)
def test_a_final_stage_is_an_outcome_and_a_lost_deal_brings_nothing(semantic, status, profit):
    item = {"stageSemanticId": semantic, "movedTime": "2026-03-01T10:00:00+03:00", "UF_BROUGHT": "1200|RUB"}
    closed = datetime(2026, 3, 1, 7, tzinfo=UTC)
    found = read("", item, outcome='realised_profit = "UF_BROUGHT"')
    assert found.outcome == Outcome(
        deal_id="D_1", status=status, closed_at=closed, known_at=closed, realised_profit=profit
    )


def test_a_deal_that_goes_on_has_no_outcome():
    assert read("", {"stageSemanticId": "P", "movedTime": "2026-03-01T10:00:00+03:00"}).outcome is None


def test_custom_facts_of_the_policy_are_read_and_others_are_a_fault():
    policy = a_policy(custom_facts=[{"name": "boiler_age", "kind": "number"}])
    terms = read_portal_mapping_text('[deal.extra]\nboiler_age = "UF_STEAM"')
    assert terms.deal is not None
    reader = ItemReader("deal", terms.deal, style=terms.style, policy=policy)
    item = Item(kind="deal", item_id="1")
    assert reader.read(item, Gathered(item={"UF_STEAM": 12}), FIELDS).deal.extra == {"boiler_age": 12.0}
    without = ItemReader("deal", terms.deal, style=terms.style, policy=a_policy())
    assert [fault.key for fault in without.faults] == ["deal.extra.boiler_age"]


@given(st.decimals(-(10**12), 10**12, places=2))
def test_a_number_is_the_same_as_a_number_and_as_a_text_with_zeros(number):
    known = PortalField(type="double")
    assert cell_of(float(number), known) == cell_of(f"{number}00", known) == number


@given(st.text(min_size=1).filter(lambda text: text.strip() == text))
def test_a_text_field_is_read_as_it_is(text):
    assert cell_of(text, PortalField(type="string")) == text


def test_several_choices_are_read_together():
    known = PortalField(type="enumeration", words=WORDS)
    assert cell_of([45, "46"], known) == "Да; Нет"
    assert cell_of({"0": 46}, known) == "Нет"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
EXAMPLE_TERMS = read_portal_mapping(EXAMPLE)
KINDS_OF_FIELDS = ["double", "integer", "money", "enumeration", "boolean", "date", "datetime", "string", "crm_company"]


@given(st.data())
def test_whatever_a_portal_answers_an_item_is_read_and_what_is_odd_is_unknown(data):
    terms = EXAMPLE_TERMS.deal
    assert terms is not None
    names = [column.rpartition(".")[2] for column in terms.columns]
    kinds = {name: PortalField(type=data.draw(st.sampled_from(KINDS_OF_FIELDS)), words=WORDS) for name in names}
    values = {name: data.draw(JSON) for name in names}
    reader = ItemReader("deal", terms, style=EXAMPLE_TERMS.style, policy=a_policy())
    gathered = Gathered(item=values, company=values, goods=data.draw(st.lists(st.dictionaries(st.text(), JSON))))
    found = reader.read(Item(kind="deal", item_id="1"), gathered, {"deal": kinds, "company": kinds})
    facts = {*terms.facts, "realised_profit", "closed_at"}
    assert set(found.passed_over) <= facts
    assert all(getattr(found.deal, name) is None for name in found.passed_over if name in terms.facts)


def test_a_client_or_seller_named_by_a_page_of_text_is_unknown_and_its_cell_passed_over():
    facts = 'company_id = "UF_CODE"\nseller_id = "UF_CODE"\nsource = "UF_CODE"'
    found = read(facts, {"UF_CODE": "я" * 501})
    assert (found.deal.company_id, found.deal.seller_id, found.deal.source) == (None, None, "я" * 501)
    assert found.passed_over == ("company_id", "seller_id")
    kept = read(facts, {"UF_CODE": "я" * 500})
    assert (kept.deal.company_id, kept.passed_over) == ("я" * 500, ())

"""Stage 1: criteria, target client, target request and the way on."""

import pytest

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import RuleAnswer
from mlscore.scoring.verdict import judge
from tests.builders import FIRE, a_deal, a_policy, rules_on
from tests.scoring.policy.documents import a_criterion

CLIENT = {
    True: {"steam_tph": 5.0, "annual_turnover_rub": 2e9, "industry": "dairy"},
    False: {"steam_tph": 1.0, "annual_turnover_rub": 2e9, "industry": "dairy"},
    None: {"annual_turnover_rub": 2e9, "industry": "dairy"},
}
ROUTES = {
    # client, request: route, fire, verdict where the profit is unknown
    (True, True): ("deal", True, "ask"),
    (True, False): ("company", False, "nurture"),
    (True, None): ("undetermined", None, "ask"),
    (False, True): ("review", False, "review"),
    (False, False): ("reject", False, "reject"),
    (False, None): ("undetermined", False, "ask"),
    (None, True): ("undetermined", None, "ask"),
    (None, False): ("undetermined", False, "ask"),
    (None, None): ("undetermined", None, "ask"),
}
SILENT = {"review": "review", "reject": "reject", "deal": "ask"}


def a_lead(client: bool | None, request: bool | None, *, nontarget: str = "review") -> RuleAnswer:
    return rules_on(a_deal(**CLIENT[client], in_nomenclature=request), a_policy(nontarget_client_request=nontarget))


def client_of(**facts: object) -> bool | None:
    return rules_on(a_deal(**FIRE | facts)).checklist[1].answer


def criterion_answers(fact: dict[str, object], **criterion: object) -> bool | None:
    custom = [{"name": "shifts", "kind": "category", "levels": ["one", "two", "three"]}]
    policy = a_policy(criteria=[a_criterion(**criterion)], custom_facts=custom)
    return rules_on(a_deal(**fact), policy).checklist[1].answer


@pytest.mark.parametrize("nontarget", ["review", "reject", "deal"])
@pytest.mark.parametrize(("client", "request_"), ROUTES)
def test_client_and_request_choose_the_route(client: bool | None, request_: bool | None, nontarget: str):
    route, fire, verdict = ROUTES[client, request_]
    if (client, request_) == (False, True):
        route, verdict = nontarget, SILENT[nontarget]
    lead = a_lead(client, request_, nontarget=nontarget)
    assert (lead.route, lead.fire, lead.verdict) == (route, fire, verdict)


@pytest.mark.parametrize(
    ("client", "request_", "missing"),
    [
        (True, True, ("profit_if_won",)),
        (True, False, ()),
        (True, None, ("in_nomenclature",)),
        (False, True, ()),
        (False, False, ()),
        (False, None, ("in_nomenclature",)),
        (None, True, ("steam_tph",)),
        (None, False, ("steam_tph",)),
        (None, None, ("steam_tph", "in_nomenclature")),
    ],
)
def test_what_is_missing_is_what_would_settle_the_route(client, request_, missing):
    assert a_lead(client, request_).missing == missing


def test_every_open_criterion_is_missing_when_nothing_is_known():
    assert rules_on(a_deal()).missing == ("steam_tph", "annual_turnover_rub", "industry", "in_nomenclature")


def test_a_policy_without_criteria_takes_everyone_for_a_target_client():
    assert rules_on(a_deal(), a_policy(criteria=[])).checklist[1].answer is True


@pytest.mark.parametrize(("steam", "is_target"), [(0.0, False), (3.0, False), (3.0000001, True), (None, None)])
def test_steam_must_be_strictly_above_its_threshold(steam, is_target):
    assert client_of(steam_tph=steam) is is_target


@pytest.mark.parametrize(
    ("own", "group", "is_target"),
    [
        (1e9, None, False),
        (None, 1e9, False),
        (1e9, 1e9 + 1, True),
        (1e9 + 1, 1e9, True),
        (1e9 + 1, None, True),
        (None, 2e9, True),
        (None, None, None),
    ],
)
def test_the_larger_known_turnover_counts(own, group, is_target):
    assert client_of(annual_turnover_rub=own, group_turnover_rub=group) is is_target


@pytest.mark.parametrize(
    ("written", "is_target"),
    [
        ("dairy", True),
        ("Молокозавод", True),
        ("  молочная   ПРОМЫШЛЕННОСТЬ ", True),
        ("легкая промышленность", True),
        ("oil & gas", True),
        ("ЖКХ", False),
        ("Retail", False),
        ("космос", None),
        ("", None),
        (None, None),
    ],
)
def test_an_industry_is_known_by_its_synonyms_and_otherwise_unknown(written, is_target):
    assert client_of(industry=written) is is_target


@pytest.mark.parametrize(
    ("stated", "category", "is_target"),
    [
        (True, None, True),
        (False, None, False),
        (None, "конденсатоотводчик", True),
        (None, "Трубы и фитинги", False),
        (None, "чайники", None),
        (None, None, None),
        (True, "pipes", True),
        (False, "steam_trap", False),
    ],
)
def test_what_is_stated_of_the_request_beats_its_category(stated, category, is_target):
    rule = rules_on(a_deal(in_nomenclature=stated, product_category=category))
    assert rule.checklist[2].answer is is_target


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
    ],
)
def test_numbers_compare_as_the_policy_says(op, below, at, above):
    answers = [criterion_answers({"employees": n}, op=op) for n in (4.0, 5.0, 6.0, None)]
    assert answers == [below, at, above, None]


@pytest.mark.parametrize(("value", "fact", "answer"), [(True, True, True), (True, False, False), (False, False, True)])
def test_yes_no_facts_compare_with_is(value, fact, answer):
    assert criterion_answers({"trial_order": fact}, field="trial_order", op="is", value=value) is answer
    assert criterion_answers({}, field="trial_order", op="is", value=value) is None


def test_texts_compare_with_a_list():
    listed = {"field": "region", "op": "in", "value": ["Урал", "Сибирь"]}
    answers = [criterion_answers({"region": region}, **listed) for region in ("Урал", "Москва", None)]
    assert answers == [True, False, None]


def test_a_listed_industry_is_met_by_its_synonyms_too():
    listed = {"field": "industry", "op": "in", "value": ["dairy", "ЖКХ"]}
    answers = [criterion_answers({"industry": said}, **listed) for said in ("молокозавод", "housing", "meat", "космос")]
    assert answers == [True, True, False, None]


def test_a_listed_category_is_met_by_its_synonyms_too():
    listed = {"field": "product_category", "op": "in", "value": ["valve"]}
    said = ("задвижка", "pumps", "чайники", None)
    assert [criterion_answers({"product_category": one}, **listed) for one in said] == [True, False, None, None]


def test_a_criterion_on_money_is_compared_in_roubles_and_not_in_another_currency():
    money = {"field": "prospects_profit", "op": ">=", "value": 1000.5}
    assert criterion_answers({"prospects_profit": 100_049}, **money) is False
    assert criterion_answers({"prospects_profit": 100_050}, **money) is True
    assert criterion_answers({"prospects_profit": 900_000, "currency": "USD"}, **money) is None


def test_a_criterion_may_stand_on_a_custom_fact():
    listed = {"field": "shifts", "op": "in", "value": ["two", "three"]}
    said = ({"shifts": "two"}, {"shifts": "one"}, {"shifts": None}, {})
    assert [criterion_answers({"extra": extra}, **listed) for extra in said] == [True, False, None, None]


def test_every_criterion_gives_its_reason():
    lead = rules_on(a_deal(**FIRE | {"steam_tph": 1.0, "industry": None}))
    said = {r.params["criterion"]: (r.answer, r.code) for r in lead.reasons if "criterion" in r.params}
    assert said == {
        "steam": (False, "rule.criterion.no"),
        "turnover": (True, "rule.criterion.yes"),
        "industry": (None, "rule.criterion.unknown"),
    }


def test_no_deals_give_no_answers():
    judged = judge(Deals([]), a_policy())
    assert (len(judged), len(judged.verdict), len(judged.rank), len(judged.cell)) == (0, 0, 0, 0)


def test_the_policy_s_own_lists_are_what_counts():
    policy: Policy = a_policy(industries=[{"code": "shoes", "target": True, "synonyms": ["сапоги"]}])
    rule = rules_on(a_deal(**FIRE | {"industry": "Сапоги"}), policy)
    assert rule.checklist[1].answer is True
    assert rules_on(a_deal(**FIRE | {"industry": "dairy"}), policy).checklist[1].answer is None

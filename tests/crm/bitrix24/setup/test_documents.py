"""The two files of a connection: a mapping that can be read back, and secrets that only their owner reads."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from mlscore.crm.bitrix24.connection import Secrets, read_connection
from mlscore.crm.bitrix24.mapping import read_portal_mapping_text
from mlscore.crm.bitrix24.setup.documents import mapping_text, write_mapping, write_secrets
from mlscore.crm.bitrix24.setup.looking import Stage
from mlscore.crm.bitrix24.setup.proposing import Proposal
from mlscore.scoring.errors import FaultyInputError

AMOUNT = Proposal(fact="amount", column="opportunity", title="Сумма", terms={"unknown": ("0",), "round": True})
WEBHOOK = "https://firm.bitrix24.ru/rest/1/abcdefghijklmnop/"


def test_what_is_written_can_be_read_back() -> None:
    budget = Proposal(
        fact="budget_allocated",
        column="UF_CRM_1",
        title='Бюджет "выделен"\n[deal]',
        is_guess=True,
        terms={"levels": {'Да, "сразу"': "yes", "Нет": "no"}, "otherwise": "unknown"},
    )
    profit = Proposal(fact="realised_profit", column="UF_CRM_2", title="Прибыль", terms={"round": True})
    text = mapping_text({"deal": [budget, AMOUNT, profit], "lead": [AMOUNT]}, funnels=[0, 3])
    terms = read_portal_mapping_text(text)
    assert terms.deal is not None
    assert terms.lead is not None
    assert terms.deal.funnels == (0, 3)
    assert {level.given: level.means for level in terms.deal.facts["budget_allocated"].levels} == {
        'Да, "сразу"': "yes",
        "Нет": "no",
    }
    assert terms.deal.outcome is not None
    assert terms.deal.outcome.realised_profit is not None
    assert terms.deal.outcome.realised_profit.column == "UF_CRM_2"
    assert terms.lead.facts["amount"].unknown == ("0",)
    assert "# guess: Бюджет" in text


def test_only_fields_that_are_there_are_shown() -> None:
    terms = read_portal_mapping_text(mapping_text({"deal": [AMOUNT]}, funnels=[], shown=["grade", "verdict"]))
    assert set(terms.write.fields) == {"grade", "verdict"}


def test_moves_of_leads_go_to_the_stages_whose_names_say_so() -> None:
    stages = [
        Stage(code="NEW", name="Не обработан", is_final=False),
        Stage(code="UC_1", name="Взращивание потребности", is_final=False),
        Stage(code="UC_2", name="На рассмотрении", is_final=False),
        Stage(code="CONVERTED", name="Качественный лид", is_final=True),
        Stage(code="JUNK", name="Брак", is_final=True),
    ]
    terms = read_portal_mapping_text(mapping_text({"lead": [AMOUNT]}, funnels=[], stages=stages))
    moves = {route: terms.moves.stage("lead", route) for route in ("deal", "company", "review", "reject")}
    assert moves == {"deal": None, "company": "UC_1", "review": "UC_2", "reject": "JUNK"}


def test_the_secrets_are_read_by_their_owner_alone_and_read_back(tmp_path: Path) -> None:
    secrets = Secrets(webhook=SecretStr(WEBHOOK), token=SecretStr('a"b\\c'), member_id="m")
    file = write_secrets(tmp_path / "new" / "folder", secrets)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = read_connection(file.parent)
    assert known is not None
    assert known.secrets == secrets
    assert WEBHOOK not in repr(known)


def test_secrets_written_again_are_still_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text("", encoding="utf-8")
    (tmp_path / "secrets.toml").chmod(0o644)
    file = write_secrets(tmp_path, Secrets(webhook=SecretStr(WEBHOOK)))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_new_mapping_leaves_the_last_one_beside_it(tmp_path: Path) -> None:
    write_mapping(tmp_path, "# mine\n")
    write_mapping(tmp_path, "# new\n")
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8") == "# new\n"
    assert (tmp_path / "mapping.toml.before").read_text(encoding="utf-8") == "# mine\n"


def test_a_folder_that_cannot_be_written_is_told_without_the_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FaultyInputError) as refused:
        write_secrets(tmp_path / "file", Secrets(webhook=SecretStr(WEBHOOK)))
    assert "abcdefghijklmnop" not in str(refused.value)

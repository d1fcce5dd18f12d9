import pytest
from pydantic import BaseModel

from mlscore.http.problems import FieldFault, Problem, pointer, problem_of, problem_of_status
from mlscore.http.validation import FAULTS_HINTED, validation_problem
from mlscore.scoring import errors
from mlscore.texts import LANGUAGES, catalogue

EVERY_ERROR = [
    errors.MlscoreError("x"),
    errors.FaultyInputError("x"),
    errors.FactError("x", code="field.wrong_type", fact="extra.boiler_age"),
    errors.PolicyError([]),
    errors.MappingError([]),
    errors.NotFoundError("x"),
    errors.ConflictError("x"),
    errors.KeyReusedError("x"),
    errors.StillRunningError("x"),
    errors.NotAllowedError("x"),
    errors.ModelError("x"),
    errors.BundleDamagedError("x"),
    errors.BundleUnfitError("x"),
    errors.StoreUnavailableError("x"),
    errors.TrainingError("x"),
    errors.AddressError("x"),
    errors.UnreachableError("x"),
    errors.BundleUntrustedError("x"),
    errors.CrmRefusedError("x"),
]
STATUSES = [500, 422, 422, 422, 422, 404, 409, 422, 409, 401, 503, 503, 503, 503, 500, 422, 502, 503, 502]


def kinds_below(kind):
    return {kind, *(below for child in kind.__subclasses__() for below in kinds_below(child))}


def test_the_table_knows_every_error_of_the_tree():
    ours = {kind for kind in kinds_below(errors.MlscoreError) if kind.__module__ == errors.__name__}
    assert {type(error) for error in EVERY_ERROR} == ours


@pytest.mark.parametrize(
    ("error", "status"), list(zip(EVERY_ERROR, STATUSES, strict=True)), ids=lambda one: type(one).__name__
)
def test_an_error_has_its_status_and_is_said_in_both_languages(error, status):
    problem = problem_of(error)
    assert problem.status == status
    for language in LANGUAGES:
        body = problem.body(language)
        assert body["detail"] == catalogue(language)[problem.code]
        assert body["type"] == f"urn:mlscore:problem:{body['code']}"
        assert body["status"] == status


def test_a_wrong_fact_is_pointed_at():
    [fault] = problem_of(EVERY_ERROR[2]).body("en")["errors"]
    assert fault == {"pointer": "/extra/boiler_age", "code": "wrong_type", "detail": fault["detail"]}


@pytest.mark.parametrize("status", [400, 404, 405, 413, 415, 418, 500, 503])
def test_a_bare_status_has_words_too(status):
    body = problem_of_status(status).body("ru")
    assert (body["status"], body["detail"] != body["code"]) == (status, True)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], ""),
        (["deals", 3, "amount"], "/deals/3/amount"),
        (["extra", "возраст_котла"], "/extra/возраст_котла"),
        (["a/b"], "/…"),
        (["<script>"], "/…"),
        (["x" * 65], "/…"),
        (["\ud800"], "/…"),
        (["?include"], "?include"),
    ],
)
def test_a_pointer_names_fields_and_nothing_else_that_was_sent(parts, said):
    assert pointer(parts) == said


def test_a_problem_is_sent_as_one_with_the_headers_its_status_asks_for():
    fault = FieldFault(pointer="/amount", code="field.missing")
    response = Problem(status=409, code="problem.still_running", faults=[fault]).response("ru")
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.headers["retry-after"], response.headers["content-language"]) == ("1", "ru")
    assert "Заполните".encode() in response.body or "обязательно".encode() in response.body


def test_what_pydantic_found_is_said_without_the_value():
    found = [{"type": "float_type", "loc": ("body", "steam_tph"), "msg": "SECRET", "input": "SECRET"}]
    body = validation_problem(found).body("en")
    assert [(e["pointer"], e["code"]) for e in body["errors"]] == [("/steam_tph", "wrong_type")]
    assert "SECRET" not in str(body)


class Plant(BaseModel):
    steam_tph: float


class Sent(BaseModel):
    amount: float
    plant: Plant | None = None


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        (("body", "ammount"), "amount"),
        (("Amount",), "amount"),
        (("body", "plant", "steam_tp"), "steam_tph"),
        (("body", "plant", "ammount"), None),
        (("body", "colour"), None),
        (("body", "amount" * 40_000), None),
        (("query", "ammount"), None),
        (("body", "strange", "steam_tph"), None),
    ],
)
def test_a_name_like_one_of_ours_is_told_which_was_meant(place, meant):
    fault = {"type": "extra_forbidden", "loc": place}
    hints = {"en": f"There is no such field. Did you mean {meant}?", "ru": f"имелось в виду {meant}?"}
    for language in LANGUAGES:
        [said] = validation_problem([fault], {"body": Sent}).body(language)["errors"]
        assert said["code"] == "extra_forbidden"
        assert (hints[language] in said["detail"]) == (meant is not None)
        assert "mmount" not in said["detail"]


def test_only_the_first_of_many_unknown_names_are_looked_at_for_what_was_meant():
    found = [{"type": "extra_forbidden", "loc": ("body", f"amount{number}")} for number in range(50)]
    faults = validation_problem(found, {"body": Sent}).body("en")["errors"]
    assert ["Did you mean" in fault["detail"] for fault in faults] == [True] * FAULTS_HINTED + [False] * 45


def test_a_kind_of_fault_nobody_foresaw_is_still_told():
    [fault] = validation_problem([{"type": "brand_new", "loc": ("query", "dry_run")}]).body("en")["errors"]
    assert (fault["pointer"], fault["code"]) == ("?dry_run", "invalid")

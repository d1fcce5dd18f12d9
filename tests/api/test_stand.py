"""What a benchmark holds the product against stands behind the same doors, and answers."""

from fastapi.testclient import TestClient

from mlscore.api import create_app
from mlscore.api.schemas.answers import ScoreOut
from mlscore.settings import Settings
from tests.api.calling import GOOD, Crm
from tests.bench.stand import with_stand


def test_the_do_nothing_endpoint_asks_for_a_key_and_answers_by_the_schema_of_a_score(crm):
    scored = crm.post("/v1/score", {"deal_id": "D-1", **GOOD})
    app = with_stand(create_app(crm.application, Settings()), ScoreOut.model_validate_json(scored.content))
    with TestClient(app) as client:
        beside = Crm(client, crm.application, crm.store)
        assert client.post("/v1/stand/nothing", json={"deal_id": "D-1", **GOOD}).status_code == 401
        assert beside.post("/v1/stand/nothing", {"deal_id": "D-1", **GOOD}).json() == scored.json()
        assert beside.post("/v1/stand/nothing", {"deal_id": 7}).status_code == 422
        assert beside.post("/v1/stand/bytes", {"deal_id": "D-1"}).json() == {}

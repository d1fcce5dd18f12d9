"""A firm that does not exist, in a folder that is gone at the end."""

from pathlib import Path

from training.playground import FIRM, simulated_firm


def test_the_playground_holds_a_firm_whose_history_can_be_learned_and_leaves_nothing_behind() -> None:
    with simulated_firm(deals=60, seed=20) as firm:
        folder = Path(firm.shelf.models_dir).parent
        assert firm.firm == FIRM
        assert folder.is_dir()
        assert str(folder) in firm.tracking_uri
        table, asked = firm.table(), firm.store.asked.deals(firm.firm)
    assert 40 < len(table) <= len(asked) == 60
    assert not folder.exists()


def test_the_same_seed_gives_the_same_firm() -> None:
    histories = []
    for _ in range(2):
        with simulated_firm(deals=60, seed=20) as firm:
            histories.append(firm.table().history_sha256)
    assert histories[0] == histories[1]


def test_no_policy_or_store_of_the_users_own_is_touched(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MLSCORE_DATABASE", f"sqlite:///{tmp_path}/mine.db")
    monkeypatch.setenv("MLSCORE_POLICY", str(tmp_path / "no such policy.toml"))
    with simulated_firm(deals=20, seed=1) as firm:
        assert firm.policy.name == "The article's firm"
    assert list(tmp_path.iterdir()) == []

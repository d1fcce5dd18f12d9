"""Policies are kept version by version, with who, when and why."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mlscore.ports import DeedsAsked, PolicyVersion
from mlscore.scoring.errors import PolicyError
from mlscore.scoring.policy import default_document, default_policy, fingerprint, read_policy_text
from mlscore.store import Store
from tests.store.builders import DAY, NOON

NAMED = default_document().replace("\nname = ", "\nname = 'Renamed: ' # ", 1)


def apply(store: Store, firm: str, document: str, *, at=NOON) -> PolicyVersion:
    return store.policies.apply(firm, document, at=at, by="Анна", why="the shop moved")


def test_a_firm_without_a_policy_has_none(store: Store, firm: str) -> None:
    assert store.policies.current(firm) is None
    assert store.policies.versions(firm) == []


def test_a_policy_comes_back_as_it_was_applied(store: Store, firm: str) -> None:
    applied = apply(store, firm, default_document())
    assert applied == PolicyVersion(
        policy=default_policy(),
        document=default_document(),
        version=1,
        fingerprint=fingerprint(default_policy()),
        applied_at=NOON,
        applied_by="Анна",
        why="the shop moved",
    )
    assert store.policies.current(firm) == applied
    assert store.policies.current(f"not {firm}") is None


def test_the_same_content_again_adds_no_version_whatever_its_comments(store: Store, firm: str) -> None:
    first = apply(store, firm, default_document())
    assert apply(store, firm, "# A note.\n" + default_document(), at=NOON + DAY) == first
    assert store.policies.versions(firm) == [first]


def test_versions_come_newest_first_and_an_old_one_may_return(store: Store, firm: str) -> None:
    assert fingerprint(read_policy_text(NAMED)) != fingerprint(default_policy())
    first = apply(store, firm, default_document())
    second = apply(store, firm, NAMED)
    third = apply(store, firm, default_document(), at=NOON + DAY)
    assert [v.version for v in (first, second, third)] == [1, 2, 3]
    assert store.policies.versions(firm) == [third, second, first]
    assert store.policies.current(firm) == third
    assert third.fingerprint == first.fingerprint


def test_a_faulty_policy_is_refused_and_the_current_one_stays(store: Store, firm: str) -> None:
    first = apply(store, firm, default_document())
    with pytest.raises(PolicyError):
        apply(store, firm, "name = 'Too little'")
    assert store.policies.versions(firm) == [first]


def test_those_who_apply_the_same_at_once_add_one_version(store: Store, firm: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(lambda _: apply(store, firm, default_document()), range(8)))
    assert {version.version for version in applied} == {1}
    assert len(store.policies.versions(firm)) == 1


def test_who_changes_the_policy_stands_in_the_log_and_who_begins_with_one_does_not(store, firm):
    store.policies.apply(firm, default_document(), at=NOON, by="mlscore", why="the first")
    assert store.audit.count(firm, DeedsAsked()) == 0
    document = default_document().replace("closed_capacity = 100", "closed_capacity = 50")
    applied = store.policies.apply(firm, document, at=NOON, by="Анна", why="fewer deals")
    store.policies.apply(firm, document, at=NOON, by="Анна", why="the same again")
    [deed] = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (deed.who, deed.what, deed.before["version"], deed.after["version"]) == ("Анна", "policies.applied", 1, 2)
    assert deed.after == {"version": 2, "fingerprint": applied.fingerprint, "why": "fewer deals"}

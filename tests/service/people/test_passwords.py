"""Passwords are hashed so that guessing is dear, and made up so that it is hopeless."""

import pytest

from mlscore.scoring.errors import FaultyInputError
from mlscore.service.people import passwords


def test_a_hash_is_argon2id_and_says_nothing_twice():
    one, two = passwords.hashed("correct horse"), passwords.hashed("correct horse")
    assert one != two
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_is_right_and_no_other():
    kept = passwords.hashed("correct horse")
    assert passwords.is_right("correct horse", kept)
    assert not passwords.is_right("Correct horse", kept)
    assert not passwords.is_right("", kept)


@pytest.mark.parametrize("kept", [None, "", "no hash at all", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$"])
def test_where_there_is_no_hash_every_password_is_wrong(kept):
    assert passwords.is_right("correct horse", kept) is False


@pytest.mark.parametrize(
    ("password", "code"), [("short", "length"), ("x" * 201, "length"), ("aaaaaaaaaaaa", "monotone"), ("", "length")]
)
def test_what_is_easily_guessed_is_refused(password, code):
    with pytest.raises(FaultyInputError) as refused:
        passwords.check(password)
    assert refused.value.code == f"people.password_{code}"


def test_what_is_made_up_may_be_used_and_is_never_the_same():
    made = {passwords.generated() for _ in range(100)}
    assert len(made) == 100
    for one in made:
        passwords.check(one)


def test_a_hash_of_other_costs_is_made_anew():
    assert not passwords.is_outdated(passwords.hashed("correct horse"))
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)

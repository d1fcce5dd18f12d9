"""Messages are signed and verified as Standard Webhooks says, to the byte."""

from datetime import UTC, datetime, timedelta

import pytest

from mlscore.scoring.errors import FaultyInputError, NotAllowedError
from mlscore.service.telling import check_secret, new_secret, sign, verify

# The example of the specification's own reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNED = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_a_message_is_signed_as_the_specification_does():
    assert sign(SIGNED["webhook-id"], AT, BODY, [SECRET]) == SIGNED


def test_and_is_verified_so():
    assert verify(SIGNED, BODY, [SECRET], at=AT) == SIGNED["webhook-id"]


def test_any_of_several_signatures_and_of_several_secrets_will_do():
    both = sign("m", AT, BODY, [new_secret(), SECRET])
    assert verify(both, BODY, [new_secret(), SECRET], at=AT) == "m"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_apart_is_the_most(seconds):
    assert verify(SIGNED, BODY, [SECRET], at=AT + timedelta(seconds=seconds))
    with pytest.raises(NotAllowedError):
        verify(SIGNED, BODY, [SECRET], at=AT + timedelta(seconds=seconds * 1.01))


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_another"},
        {"webhook-timestamp": "1614265331"},
        {"webhook-signature": SIGNED["webhook-signature"].lower()},
        {"webhook-signature": SIGNED["webhook-signature"].removeprefix("v1,")},
        {"webhook-signature": " ".join(["v1,bm8="] * 10 + [SIGNED["webhook-signature"]])},
        {"webhook-signature": "v1,é"},
    ],
)
def test_anything_changed_is_refused(changed):
    with pytest.raises(NotAllowedError):
        verify({**SIGNED, **changed}, BODY, [SECRET], at=AT)
    with pytest.raises(NotAllowedError):
        verify(SIGNED, BODY + b" ", [SECRET], at=AT)


@pytest.mark.parametrize("name", SIGNED)
def test_a_header_left_out_is_refused(name):
    with pytest.raises(NotAllowedError):
        verify({other: value for other, value in SIGNED.items() if other != name}, BODY, [SECRET], at=AT)


def test_a_secret_of_ours_is_one():
    assert check_secret(new_secret()) != new_secret()
    assert check_secret(SECRET) == SECRET


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_no base"]
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret):
    with pytest.raises(FaultyInputError) as refused:
        check_secret(secret)
    assert not secret or secret == "whsec_" or secret not in str(refused.value)

"""Half a record is never taken for one, wherever a journal was cut or damaged."""

import random

from mlscore.store.spool.frames import MARK, framed, read_frames

PAYLOADS = (b'{"a":1}', b"", b"x" * 300)
WHOLE = b"".join(map(framed, PAYLOADS))


def test_records_come_back_in_order():
    assert read_frames(WHOLE).payloads == PAYLOADS
    assert read_frames(b"").payloads == ()


def test_a_journal_cut_anywhere_gives_its_whole_records_and_no_other():
    ends = [len(b"".join(map(framed, PAYLOADS[:count]))) for count in range(len(PAYLOADS) + 1)]
    for cut in range(len(WHOLE)):
        frames = read_frames(WHOLE[:cut])
        assert frames.payloads == PAYLOADS[: max(n for n, end in enumerate(ends) if end <= cut)]
        assert not frames.is_damaged


def test_a_flipped_bit_costs_one_record_at_most_and_never_makes_another():
    chance = random.Random(5)
    for _ in range(1_000):
        damaged = bytearray(WHOLE)
        place = chance.randrange(len(WHOLE))
        damaged[place] ^= 1 << chance.randrange(8)
        payloads = read_frames(bytes(damaged)).payloads
        assert len(payloads) == len(PAYLOADS) - 1
        assert set(payloads) < set(PAYLOADS)


def test_damage_before_a_whole_record_is_told():
    damaged = b"?" + WHOLE
    assert (read_frames(damaged).payloads, read_frames(damaged).is_damaged) == (PAYLOADS, True)


def test_a_last_record_written_to_its_end_and_wrong_is_damage_not_a_torn_end():
    wrong = WHOLE[:-1] + bytes([WHOLE[-1] ^ 1])
    assert (read_frames(wrong).payloads, read_frames(wrong).is_damaged) == (PAYLOADS[:-1], True)


def test_a_record_within_what_a_client_wrote_is_not_one():
    forged = framed(b"forged")
    assert MARK in forged
    cut = framed(b'{"text":"' + forged.replace(MARK, b"\\u001emls") + b'"}')[:-1]
    assert read_frames(cut).payloads == ()

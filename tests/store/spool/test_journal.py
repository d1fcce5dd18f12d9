import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.store.spool.journal import Journal, read_records

KEEPS_WRITING = """
import sys
from pathlib import Path
from mlscore.store.spool.journal import Journal
journal = Journal.begin(Path(sys.argv[1]))
for number in range(10**9):
    journal.append([b"%d" % number] * 3)
    print(number, flush=True)
"""


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path / "a.journal")
    journal.append([b"one", b"two"])
    journal.append([b"", "три".encode()])
    assert list(read_records(journal.path)) == [b"one", b"two", b"", "три".encode()]


def test_a_power_cut_takes_neither_a_new_file_nor_what_was_appended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[int] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        on_disk.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    journal = Journal.begin(tmp_path / "a.journal")
    journal.append([b"one"])
    assert on_disk == [tmp_path.stat().st_ino, journal.path.stat().st_ino], "its name first, then what it holds"


@given(whole=st.lists(st.binary(max_size=40), max_size=5), cut=st.integers(min_value=1, max_value=20))
def test_a_torn_end_is_cut_off_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, whole: list[bytes], cut: int
) -> None:
    journal = Journal.begin(tmp_path_factory.mktemp("spool") / "a.journal")
    journal.append([*whole, b"the last one, which is torn"])
    os.truncate(journal.path, journal.path.stat().st_size - cut)
    assert list(read_records(journal.path)) == whole
    journal.let_go()


@given(place=st.integers(min_value=0, max_value=10_000), bit=st.integers(min_value=0, max_value=7))
def test_a_flipped_bit_never_makes_another_record(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    journal = Journal.begin(tmp_path_factory.mktemp("spool") / "a.journal")
    records = [b"first", b"second", b"third"]
    journal.append(records)
    content = bytearray(journal.path.read_bytes())
    content[place % len(content)] ^= 1 << bit
    journal.path.write_bytes(content)
    read = list(read_records(journal.path))
    assert read == [record for record in records if record in read]
    assert len(read) == len(records) - 1, "the others stay"
    journal.let_go()


def test_after_a_kill_everything_that_was_acknowledged_is_there(tmp_path: Path) -> None:
    for round_ in range(4):
        path = tmp_path / f"{round_}.journal"
        child = subprocess.Popen([sys.executable, "-c", KEEPS_WRITING, str(path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(3 + 17 * round_)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
        child.wait()
        child.stdout.close()
        kept = list(read_records(path))
        assert kept[: 3 * len(acknowledged)] == [b"%d" % number for number in acknowledged for _ in range(3)]
        adopted = Journal.adopt(path)
        assert adopted is not None
        adopted.remove()
        assert not path.exists()


def test_a_living_process_keeps_its_journal(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path / "a.journal")
    assert Journal.adopt(journal.path) is None
    journal.let_go()
    assert Journal.adopt(journal.path) is not None


def test_a_journal_that_is_gone_is_nobodys(tmp_path: Path) -> None:
    assert Journal.adopt(tmp_path / "gone.journal") is None
    assert list(read_records(tmp_path / "gone.journal")) == []


def test_a_journal_that_cannot_be_locked_is_not_held_on_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal.begin(path := tmp_path / "a.journal").let_go()

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    held = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="No locks"):
        Journal.adopt(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == held


def test_a_journal_another_was_done_with_before_it_was_locked_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Journal.begin(path := tmp_path / "a.journal").let_go()
    lock = fcntl.flock

    def too_late(descriptor: int, how: int) -> None:
        path.unlink()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", too_late)
    assert Journal.adopt(path) is None


@pytest.mark.parametrize("step", ["pwrite", "fsync"])
def test_what_a_full_disk_refused_leaves_no_half_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    journal = Journal.begin(tmp_path / "a.journal")
    journal.append([b"before"])
    real = getattr(os, step)
    for fails_at in range(1, 4):
        calls = 0

        def full(*given: object, fails_at: int = fails_at) -> object:
            nonlocal calls
            calls += 1
            if calls < fails_at and step == "pwrite":
                descriptor, content, at = given
                return real(descriptor, bytes(content)[:3], at)  # a disk may take a part
            if calls == fails_at or step == "fsync":
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*given)

        with monkeypatch.context() as patched:
            patched.setattr(os, step, full)
            with pytest.raises(OSError, match="No space"):
                journal.append([b"refused"])
        assert list(read_records(journal.path)) == [b"before"]
    journal.append([b"after"])
    assert list(read_records(journal.path)) == [b"before", b"after"]

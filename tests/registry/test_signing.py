"""A service that trusts keys takes only bundles a trusted trainer signed, as they were signed."""

import base64
import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mlscore.registry import LocalChampions, Shelf, Signer, Trust, load_bundle, write_bundle, write_key
from mlscore.registry.checking import load_checked
from mlscore.registry.manifest import MANIFEST, read_sealed, sealed
from mlscore.registry.signing import SIGNATURE
from mlscore.scoring.errors import BundleUntrustedError, FaultyInputError
from tests.registry.models import a_constant_model


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Give a trainer's key."""
    return write_key(tmp_path / "signing.pem")


@pytest.fixture
def stranger(tmp_path: Path) -> Signer:
    """Give a key nobody trusts."""
    return write_key(tmp_path / "stranger.pem")


def a_signed_bundle(folder: Path, signer: Signer | None, probability: float = 0.5) -> Path:
    facts = {"created_at": "2026-03-02T12:00:00Z", "gates": []}
    write_bundle(folder, a_constant_model(probability), card="# card", facts=facts, signer=signer)
    return folder


def load(folder: Path, trust: Trust):
    return load_checked(folder, version="1", trust=trust, check=lambda *_, **__: None)


def test_a_signed_bundle_is_loaded_by_who_trusts_its_key(tmp_path, signer):
    folder = a_signed_bundle(tmp_path / "b", signer)
    assert load(folder, Trust.of(signer.public())).version == "1"


def test_two_keys_may_be_trusted_while_one_takes_the_others_place(tmp_path, signer, stranger):
    trust = Trust.of(f"{stranger.public()}, {signer.public()}")
    assert load(a_signed_bundle(tmp_path / "b", signer), trust).version == "1"
    assert load(a_signed_bundle(tmp_path / "c", stranger), trust).version == "1"


def test_an_unsigned_bundle_is_refused_and_told_how_to_be_signed(tmp_path, signer):
    folder = a_signed_bundle(tmp_path / "b", None)
    with pytest.raises(BundleUntrustedError, match=r"not signed.*python -m training sign"):
        load(folder, Trust.of(signer.public()))


def test_a_bundle_signed_by_another_is_refused_and_says_by_whom(tmp_path, signer, stranger):
    folder = a_signed_bundle(tmp_path / "b", stranger)
    with pytest.raises(BundleUntrustedError) as refused:
        load(folder, Trust.of(signer.public()))
    assert stranger.public() in str(refused.value)


def test_a_bundle_changed_after_it_was_signed_is_refused_though_its_manifest_agrees(tmp_path, signer):
    folder = a_signed_bundle(tmp_path / "b", signer)
    files = read_sealed(folder) | {"card.md": b"# another card"}
    (folder / "card.md").write_bytes(files["card.md"])
    (folder / MANIFEST).write_bytes(sealed(files, created_at="2026-03-02T12:00:00Z"))
    assert load_bundle(folder, version="1")  # whole, as far as anybody can tell who asks for no signature
    with pytest.raises(BundleUntrustedError, match="changed after it was signed"):
        load(folder, Trust.of(signer.public()))


def test_the_signature_of_another_bundle_is_refused(tmp_path, signer):
    folder, other = (a_signed_bundle(tmp_path / name, signer, p) for name, p in (("b", 0.5), ("c", 0.6)))
    shutil.copy(other / SIGNATURE, folder / SIGNATURE)
    with pytest.raises(BundleUntrustedError, match="changed"):
        load(folder, Trust.of(signer.public()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"key": 1, "signature": 2}',
        b"[" * 4000,
        b'{"key": "AAAA", "signature": ""}',
    ],
)
def test_what_is_no_signature_is_refused_in_words(tmp_path, signer, content):
    folder = a_signed_bundle(tmp_path / "b", signer)
    (folder / SIGNATURE).write_bytes(content)
    with pytest.raises(BundleUntrustedError, match="no signature"):
        load(folder, Trust.of(signer.public()))


def test_every_bit_of_a_signature_counts(tmp_path, signer):
    folder = a_signed_bundle(tmp_path / "b", signer)
    document = json.loads((folder / SIGNATURE).read_text())
    signed = bytearray(base64.b64decode(document["signature"]))
    for position in range(0, len(signed) * 8, 37):
        flipped = bytearray(signed)
        flipped[position // 8] ^= 1 << position % 8
        document["signature"] = base64.b64encode(flipped).decode()
        (folder / SIGNATURE).write_text(json.dumps(document))
        with pytest.raises(BundleUntrustedError):
            load(folder, Trust.of(signer.public()))


def test_nothing_of_an_untrusted_bundle_is_tried(tmp_path, signer):
    folder = a_signed_bundle(tmp_path / "b", None)
    tried = []
    with pytest.raises(BundleUntrustedError):
        load_checked(folder, version="1", trust=Trust.of(signer.public()), check=lambda *_, **__: tried.append(folder))
    assert tried == []


def test_the_signature_goes_onto_the_shelf_with_the_bundle(tmp_path, signer):
    shelf = Shelf(tmp_path / "models")
    shelf.put("main", "1", a_signed_bundle(tmp_path / "b", signer))
    assert load(shelf.folder("main", "1"), Trust.of(signer.public())).version == "1"


def test_a_version_on_the_shelf_can_be_signed_afterwards(tmp_path, signer):
    shelf = Shelf(tmp_path / "models")
    shelf.put("main", "1", a_signed_bundle(tmp_path / "b", None))
    shelf.sign("main", "1", signer)
    assert load(shelf.folder("main", "1"), Trust.of(signer.public())).version == "1"


def test_an_untrusted_champion_is_refused_and_the_old_one_goes_on(tmp_path, signer, stranger):
    shelf = Shelf(tmp_path / "models", trust=Trust.of(signer.public()))
    champions = LocalChampions(shelf, fallback=lambda _: a_constant_model(0.1), check=lambda *_, **__: None)
    for version, by in (("1", signer), ("2", stranger)):
        shelf.put("main", version, a_signed_bundle(tmp_path / version, by))
        shelf.point("main", version)
        champions.refresh("main")
    serving = champions.serving("main")
    assert serving.model is not None
    assert serving.model.version == "1"
    assert serving.refused is not None
    assert "MLSCORE_TRUSTED_KEYS" in serving.refused


def test_an_untrusted_challenger_stays_out_of_the_shadow(tmp_path, signer):
    shelf = Shelf(tmp_path / "models", trust=Trust.of(signer.public()))
    champions = LocalChampions(shelf, fallback=lambda _: a_constant_model(0.1), check=lambda *_, **__: None)
    shelf.put("main", "2", a_signed_bundle(tmp_path / "b", None))
    shelf.point("main", "2", "challenger")
    champions.refresh("main")
    assert champions.serving("main").challenger is None
    assert "not signed" in (champions.serving("main").challenger_refused or "")


def test_a_signing_key_is_for_its_owners_eyes_only_and_is_never_written_over(tmp_path):
    path = tmp_path / "signing.pem"
    made = write_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer.read(path).public() == made.public()
    with pytest.raises(FaultyInputError, match="cannot be written"):
        write_key(path)


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_signing_key_is_refused_without_repeating_it(tmp_path, content):
    path = tmp_path / "key.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FaultyInputError, match="signing key") as refused:
        Signer.read(path)
    assert "AAAA" not in str(refused.value)


def test_a_signing_key_is_not_shown_where_it_is_printed(tmp_path):
    assert "PRIVATE" not in repr(write_key(tmp_path / "key.pem"))


@pytest.mark.parametrize("written", ["AAAA", "not base64!", "ключ", "A" * 44])
def test_what_is_no_public_key_stops_the_start(written):
    with pytest.raises(FaultyInputError):
        Trust.of(written)


def test_without_trusted_keys_no_cryptography_is_loaded():
    program = "import sys, mlscore.registry, mlscore.bootstrap; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

"""What made the account, kept beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.plugins.provenance import FILE, Provenance, provenance


def test_it_is_read_as_it_was_kept(tmp_path: Path) -> None:
    kept = Provenance("in-process", "1.5", complete=True, digest="d", resources=3, outputs={"vpc": "vpc-1"})
    kept.keep(tmp_path / "account")
    assert provenance(tmp_path / "account") == kept


@pytest.mark.parametrize("text", ["", "{", "[]", '{"way": "engine"}', '{"way": "engine", "unknown": 1}'])
def test_a_note_that_cannot_be_read_is_no_note(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert provenance(tmp_path) is None


def test_a_crash_while_writing_leaves_the_old_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Provenance("engine", "1", complete=True).keep(tmp_path)

    def dies(_: Path, __: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        Provenance("in-process", "2", complete=False).keep(tmp_path)
    assert provenance(tmp_path) == Provenance("engine", "1", complete=True)

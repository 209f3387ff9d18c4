"""What outlives a conversation."""

from pathlib import Path

from chinwag.chat.keep import Keep, folder


def test_log_ins_are_kept_for_nobody_else(tmp_path: Path) -> None:
    keep = Keep(tmp_path / "chinwag")
    assert keep.token("http://a", "ann") is None
    keep.keep("http://a", "ann", "token")
    keep.keep("http://a", "ben", "other")
    found = keep.token("http://a", "ann")
    assert found is not None
    assert (found.scheme, found.secret) == ("token", "token")
    assert keep.token("http://b", "ann") is None
    assert (tmp_path / "chinwag").stat().st_mode & 0o777 == 0o700
    (file,) = (tmp_path / "chinwag").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    keep.keep("http://a", "ann", "")
    assert keep.token("http://a", "ann") is None
    assert keep.token("http://a", "ben") is not None


def test_what_cannot_be_kept_is_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep = Keep(tmp_path / "file")
    keep.keep("http://a", "ann", "token")
    assert keep.token("http://a", "ann") is None
    keep = Keep(tmp_path)
    (tmp_path / "chat-tokens.json").write_text("[]")
    assert keep.token("http://a", "ann") is None


def test_where_it_is() -> None:
    assert folder({"XDG_STATE_HOME": "/x"}) == Path("/x/chinwag")
    assert folder({}).name == "chinwag"


def test_what_was_typed_lies_beside_it(tmp_path: Path) -> None:
    assert Keep(tmp_path / "a").history == tmp_path / "a" / "chat-history"
    assert (tmp_path / "a").is_dir()

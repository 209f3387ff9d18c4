"""Which uploaded files anybody may see: the pictures of people and groups.

Source: docs/decisions/0003-pictures.md; specification 07, paragraph 11.2.
"""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, State
from chinwag.core.token import NO_LOGIN, VALIDATED
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.media_fs import FolderMedia
from chinwag.ports import TooLarge
from chinwag.store import users
from chinwag.wire import ctrl
from stage import ALICE, Actor, Stage, new_group


@pytest.fixture
def desk(stage: Stage, tmp_path: Path) -> FileDesk:
    return FileDesk(stage.services, FolderMedia(tmp_path / "uploads"))


async def bytes_of(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def upload(desk: FileDesk, mime: str = "image/png") -> str:
    return await desk.save(ALICE, mime, bytes_of(b"one", b"two"), 100)


def shown(fid: str) -> dict[str, object]:
    return {"fn": "A", "photo": {"type": "png", "ref": f"/v0/file/s/{fid}.png"}}


async def test_what_was_saved_is_found(desk: FileDesk) -> None:
    fid = await upload(desk)
    found = await desk.find(fid)
    assert found is not None
    assert (found.path.read_bytes(), found.mime) == (b"onetwo", "image/png")
    assert await desk.find("unknown") is None


async def test_what_is_too_large_leaves_nothing(stage: Stage, desk: FileDesk) -> None:
    with pytest.raises(TooLarge):
        await desk.save(ALICE, "image/png", bytes_of(b"one", b"two"), 5)
    assert [path for path in desk.media.path("").rglob("*") if path.is_file()] == []


async def test_what_was_discarded_is_gone(desk: FileDesk) -> None:
    fid = await upload(desk)
    found = await desk.find(fid)
    await desk.discard(fid)
    assert found is not None
    assert not found.path.exists()
    assert await desk.find(fid) is None


async def test_a_picture_is_open_for_as_long_as_it_is_shown(desk: FileDesk, alice: Actor) -> None:
    first, second = await upload(desk), await upload(desk)
    await alice.say(sub={"topic": "me"})
    assert not await desk.is_picture(first)
    await alice.say(set={"topic": "me", "desc": {"public": shown(first)}})
    assert await desk.is_picture(first)
    await alice.say(set={"topic": "me", "desc": {"public": {"fn": "B"}}})
    assert await desk.is_picture(first)
    await alice.say(set={"topic": "me", "desc": {"public": shown(second)}})
    assert not await desk.is_picture(first)
    assert await desk.is_picture(second)
    await alice.say(set={"topic": "me", "desc": {"public": {"photo": "␡"}}})
    assert not await desk.is_picture(second)


async def test_the_picture_of_a_new_group_is_open(desk: FileDesk, alice: Actor) -> None:
    fid = await upload(desk)
    await new_group(alice, desc={"public": shown(fid)})
    assert await desk.is_picture(fid)


async def test_other_files_stay_closed(desk: FileDesk, alice: Actor) -> None:
    """Neither what a message carries nor what is no image is open."""
    sent, paper = await upload(desk), await upload(desk, "application/pdf")
    name = await new_group(alice)
    await alice.say(pub={"topic": name, "content": "look"}, files=(sent,))
    await alice.say(set={"topic": name, "desc": {"public": shown(paper)}}, files=(paper,))
    assert not await desk.is_picture(sent)
    assert not await desk.is_picture(paper)


@pytest.mark.parametrize(
    ("features", "state", "reply"),
    [
        (VALIDATED, State.OK, None),
        (VALIDATED | NO_LOGIN, State.OK, ctrl.AUTH_FAILED),
        (VALIDATED, State.SUSPENDED, ctrl.PERMISSION_DENIED),
        (VALIDATED, State.DELETED, ctrl.USER_NOT_FOUND),
    ],
)
async def test_a_token_opens_files_only_to_whom_it_would_let_in(
    stage: Stage, desk: FileDesk, features: int, state: State, reply: ctrl.Reply | None
) -> None:
    """DEFECT-05: mailed tokens and those of suspended accounts opened them too."""
    user = await stage.db.read(users.get, ALICE)
    assert user is not None
    issued = stage.services.tokens.issue(user, Level.AUTH, features, stage.now() + 9999)
    await stage.db.run(users.set_state, ALICE, state, stage.now())
    secret = base64.b64decode(issued.text)
    if reply is None:
        assert await desk.user("token", secret) == ALICE
        return
    with pytest.raises(Refused) as refused:
        await desk.user("token", secret)
    assert refused.value.reply == reply

"""A Tinode database with everything odd that specification 05 tells of, and its uploads."""

from pathlib import Path
from typing import Any

from tinode import (
    CIPHER,
    Tinode,
    cred,
    erased,
    gone,
    later,
    own_subs,
    pair,
    said,
    secret,
    sub,
    text_of,
    topic,
    uid,
    user,
)

ALICE, BOB, CAROL = 1598886558495150080, 1598886558759391232, 1598886559011049472
DAVE, EVE, FRANK = 1598886559245930496, 1598886559480811520, 1598886559719886848
ROOTY, TWIN, XENA = 1598886690808664064, 1598886690775109632, 1598886560260952064
GHOST, LEFT = 1598886559950573568, 1598886559950573999  # erased for good; deleted softly
HASH = "$2a$10$tMw4pK1l3wBBLvSZoW79D.nOL1hhHl2diXfupV.0FSIcVVHEmb0k."  # of alice123, 7
GROUP, CHANNEL, ENDED = ("grp" + text_of(ALICE + n) for n in (1, 2, 3))
READER = "chn" + CHANNEL[3:]
PAIR, WIDOWED = pair(ALICE, BOB), pair(ALICE, GHOST)
NOTES = "slf" + text_of(ALICE)
DRAFTY = {"txt": " ", "fmt": [{"len": 1}], "ent": [{"tp": "IM", "data": {"ref": ""}}]}
PICTURE, AVATAR, UNUSED, UNDONE, MISSING, QUIET = (489390341091233792 + n for n in range(6))


def address_of(number: int) -> str:
    """Under which clients know a file."""
    return f"/v0/file/s/{CIPHER.file_id(number)}.jpg"


def fill(old: Tinode, uploads: Path) -> None:
    """Put everything odd into an empty database, and files into the folder `uploads`."""
    _people(old)
    _topics(old)
    _subs(old)
    _talk(old)
    _files(old, uploads)


def _people(old: Tinode) -> None:
    alice_tags = ["Alice", "basic:alice", "alias:queen", "email:alice@example.com"]
    old.insert(
        "users",
        [
            user(ALICE, "alice", tags=alice_tags, trusted={"verified": True}, useragent="Web/1"),
            user(BOB, "bob", tags="null", lastseen=later(60), createdat=later(10)),
            user(CAROL, "carol", state=10, public=None, tags=["alias:queen"], createdat=later(20)),
            user(DAVE, "dave", state=20, stateat=later(70)),  # has said something
            user(EVE, "eve", state=20, stateat=later(70)),  # has not
            user(FRANK, "frank", access={"Auth": "N", "Anon": "N"}),  # has no topics of his own
            user(ROOTY, "rooty", public={"fn": "ROOT rooty"}, createdat=later(30), tags=None),
            user(TWIN, "twin", public={"fn": "ROOT rooty"}, createdat=later(30), tags=None),
            user(XENA, "xena"),
            user(0, "nobody"),
            user(LEFT, "left", access='["no object"]'),
        ],
    )
    old.insert("usertags", [{"userid": BOB, "tag": "tel:+17025550002"}])
    old.insert(
        "auth",
        [
            secret("alice", ALICE, HASH),
            secret("bob", BOB, HASH, expires=later(1e9)),
            secret("rooty", ROOTY, HASH, uname=":rooty", scheme="", authlvl=30),
            secret("xena", XENA, HASH, uname="my-auth:xena", scheme="my-auth", authlvl=30),
            secret("frank", FRANK, "plain text"),
            secret("dave", DAVE, HASH),
        ],
    )
    old.insert(
        "credentials",
        [
            cred("email", "Alice@Example.com", ALICE, done=True, createdat=later(50)),
            cred("email", "alice@example.COM2", XENA, done=True),
            cred("email", "ALICE@example.com.", BOB, done=False, retries=2),
            cred("email", "old@example.com", BOB, done=False, retries=3, deletedat=later(5)),
            cred("tel", "+1 702 555 0001", ALICE, done=True),
            cred("tel", "+17025550001", BOB, done=True, createdat=later(40)),
            cred("email", "dave@example.com", DAVE, done=True),
        ],
    )
    old.insert(
        "devices",
        [
            {"userid": ALICE, "hash": "80dbc9889dcabc21", "deviceid": "device-token-1",
             "platform": "web", "lastseen": later(5), "lang": "en"},
            {"userid": DAVE, "hash": "8325407b4eb17a1", "deviceid": "t0", "platform": "ios",
             "lastseen": later(5), "lang": ""},
        ],
    )  # fmt: skip


def _topics(old: Tinode) -> None:
    old.insert(
        "topics",
        [
            topic(GROUP, owner=BOB, seqid=3, public={"fn": "G"}, tags=["food", " Food"], delid=0),
            topic(CHANNEL, owner=BOB, seqid=2, usebt=True, access={"Auth": "RWPS", "Anon": "N"}),
            topic(ENDED, owner=ALICE, state=20, stateat=later(80), tags=["ended"]),
            topic(PAIR, seqid=12, delid=4, access={"Auth": "N", "Anon": "N"}, touchedat=None),
            topic(WIDOWED, seqid=1),
            topic(NOTES, owner=ALICE, seqid=1, tags=["never"]),
            topic("sys", public={"fn": "System"}, state=20, stateat=later(80), seqid=1),
            topic("grp", owner=ALICE),
        ],
    )
    old.execute(f"UPDATE topics SET aux = '{{\"pins\":[1]}}' WHERE name = '{GROUP}'")
    old.insert("topictags", [{"topic": CHANNEL, "tag": "alias:queen"}])
    old.execute(f"UPDATE topics SET createdat = '2020-01-01 00:00:00' WHERE name = '{CHANNEL}'")


def _subs(old: Tinode) -> None:
    own = [row for n in (ALICE, BOB, CAROL, DAVE, ROOTY, TWIN, XENA) for row in own_subs(n)]
    own[0] |= {"private": {"comment": "mine"}}
    own[1] |= {"private": '"email:bob@example.com"'}
    counted = {"readseqid": 9, "recvseqid": 2}
    owner = "JRWPASDO"
    old.insert(
        "subscriptions",
        [
            *own,
            sub(GROUP, ALICE, owner, readseqid=2, recvseqid=3),
            sub(GROUP, BOB, "JRWPS", **counted),
            sub(GROUP, CAROL, "N", deletedat=later(90)),
            sub(CHANNEL, BOB, owner),
            sub(CHANNEL, ALICE, "JRWP"),
            sub(READER, ALICE, "JRP"),
            sub(READER, FRANK, "JRP"),
            sub(ENDED, ALICE, owner, deletedat=later(80)),
            sub(PAIR, ALICE, "JRWPA", readseqid=8, recvseqid=11),
            sub(PAIR, BOB, None, private='{"comment":"him"}'),
            sub(WIDOWED, ALICE, "JRWPA"),
            sub(NOTES, ALICE, "JRWPASDO"),
            sub("sys", ROOTY, "JRWPD"),
            sub("grp" + text_of(ALICE + 77), ALICE),  # what it is for is gone
            sub(pair(BOB, CAROL), ALICE),  # somebody else's
            sub(GROUP, XENA, "XYZ"),
            sub(GROUP, EVE),
        ],
    )


def _talk(old: Tinode) -> None:
    reference = {**DRAFTY, "ent": [{"tp": "EX", "data": {"ref": address_of(QUIET)}}]}
    rich = {**DRAFTY, "ent": [{"tp": "IM", "data": {"ref": address_of(PICTURE)}}]}
    nul = '{"txt":"a\\u0000b \\u003cb\\u003e"}'
    old.insert(
        "messages",
        [
            said(GROUP, 1, ALICE, "hello"),
            said(GROUP, 2, DAVE, "Grüße 😀 'quoted' \\ back"),
            {**said(GROUP, 3, GHOST, ""), "content": nul, "head": {"mime": "text/x-drafty"}},
            said(GROUP, 4, BOB, rich),  # the topic says 3
            said(GROUP, 5, BOB, reference),
            said(CHANNEL, 1, BOB, "news"),
            *(said(PAIR, n, ALICE, f"p{n}") for n in (1, 2, 7, 8, 9, 11, 12)),
            *(erased(PAIR, n, 2) for n in (3, 4, 5, 6, 10)),
            said(WIDOWED, 1, GHOST, "still here"),
            said(NOTES, 1, ALICE, "a note"),
            said("sys", 1, ALICE, "a report"),
        ],
    )
    # Asked for was more than was deleted; the other product writes one row for each message.
    hard: list[dict[str, Any]] = [gone(PAIR, 2, 3, 8), gone(PAIR, 2, 10, 14)]
    if old.server.product == "mysql":
        hard = [gone(PAIR, 2, n, n + 1) for n in (3, 4, 5, 6, 10)]
    old.insert(
        "dellog",
        [
            gone(PAIR, 1, 1, 2, BOB),
            *hard,
            gone(PAIR, 3, 2, 3, ALICE),
            gone(GROUP, 1, 1, 2, CAROL),  # who has left
            gone(GROUP, 2, 7, 7),
        ],
    )


def _files(old: Tinode, uploads: Path) -> None:
    uploads.mkdir()
    rows = []
    for number in (PICTURE, AVATAR, UNUSED, UNDONE, MISSING, QUIET):
        name = CIPHER.file_name(number)
        if number not in (UNDONE, MISSING):
            (uploads / name).write_bytes(b"\xff\xd8\xff" + name.encode())
        rows.append(
            {"id": number, "createdat": later(0), "updatedat": later(0), "userid": ALICE,
             "status": 1, "mimetype": "image/jpeg", "size": 16, "location": f"uploads/{name}"}
        )  # fmt: skip
    rows[1] |= {"size": 3, "userid": None}
    rows[3] |= {"status": 0, "location": "", "size": 0}
    old.insert("fileuploads", rows)
    ident = old.execute(f"SELECT id FROM messages WHERE topic = '{GROUP}' AND seqid = 4").strip()
    empty = {"createdat": later(0), "msgid": None, "topic": None, "userid": None}
    old.insert(
        "filemsglinks",
        [
            {**empty, "fileid": PICTURE, "msgid": int(ident)},
            {**empty, "fileid": AVATAR, "userid": ALICE},
            {**empty, "fileid": MISSING, "topic": GROUP},
        ],
    )


def uids(*numbers: int) -> list[str]:
    """The user ids of numbers."""
    return [uid(number) for number in numbers]

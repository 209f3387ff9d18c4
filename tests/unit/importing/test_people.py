"""Accounts, passwords, addresses and devices that come over.

Source: specification 05, paragraphs 5.2 to 5.6 and 7.
"""

import sqlalchemy as sa

from chinwag.core import ids, modes
from chinwag.core.creds import Cred
from chinwag.core.state import Level, State
from chinwag.importing.values import Clockwork
from chinwag.store import auth, creds, schema, search, subs, users
from oddities import ALICE, BOB, CAROL, CHANNEL, DAVE, EVE, FRANK, HASH, LEFT, ROOTY, TWIN, XENA
from removal import Imported
from tinode import later, uid


def ms(seconds: float) -> int:
    """Milliseconds of a moment after everything began."""
    return Clockwork().ms(later(seconds).replace(tzinfo=None))


async def test_an_account_keeps_its_id_and_all_it_says(imported: Imported) -> None:
    alice = await imported.db.read(users.get, "usrElFc2oqZVIY")
    assert alice is not None
    assert alice.public == b'{"fn": "alice"}'
    assert alice.trusted == b'{"verified": true}'
    assert (alice.auth, alice.anon) == (modes.ACCOUNT, modes.NONE)
    assert (alice.created_ms, alice.seen_ms, alice.ua) == (ms(0), None, "Web/1")
    bob = await imported.db.read(users.get, uid(BOB))
    assert bob is not None
    assert bob.created_ms == ms(10)
    assert bob.seen_ms == ms(60) // 1000 * 1000 or bob.seen_ms == ms(60)  # MySQL: whole seconds


async def test_states_of_accounts(imported: Imported) -> None:
    """A deleted one stays only where it has said something; id 0 and what is no row do not."""
    found = await imported.db.read(
        lambda tx: dict(tx.execute(sa.select(schema.users.c.uid, schema.users.c.state)).all())
    )
    kept = {ALICE: 0, BOB: 0, CAROL: State.SUSPENDED, DAVE: State.DELETED, FRANK: 0, ROOTY: 0}
    assert found == {uid(n): state for n, state in {**kept, XENA: 0}.items()}
    for number in (EVE, TWIN, LEFT):
        assert uid(number) not in found
    assert "  1598886559950573999: it holds no object where one should be" in imported.told
    assert "  0: 0 is the id of nobody" in imported.told


async def test_tags_are_clean_and_aliases_have_one_holder(imported: Imported) -> None:
    """`Alice` was never found by the old server; an alias stays with the older (D-62)."""
    alice = await imported.db.read(users.get, uid(ALICE))
    assert alice is not None
    assert alice.tags == ["alice", "basic:alice", "email:alice@example.com"]
    assert await imported.db.read(search.bearer, "alias:queen") == CHANNEL
    assert await imported.db.read(search.bearer, "alice") == uid(ALICE)
    assert await imported.db.read(search.bearer, "basic:dave") is None
    rows = await imported.db.read(lambda tx: tx.execute(sa.select(schema.aliases)).all())
    assert [tuple(row) for row in rows] == [("alias:queen", CHANNEL)]
    assert f"alias:queen: {CHANNEL}, not {uid(ALICE)}, {uid(CAROL)}" in imported.told


async def test_tags_of_the_index_count_too(imported: Imported) -> None:
    bob = await imported.db.read(users.get, uid(BOB))
    assert bob is not None
    assert bob.tags == ["tel:+17025550002"]


async def test_passwords(imported: Imported) -> None:
    alice = await imported.db.read(auth.by_unique, "basic", "alice")
    assert alice is not None
    assert (alice.uid, alice.level, alice.secret) == (uid(ALICE), Level.AUTH, HASH.encode())
    assert alice.expires_ms is None
    bob = await imported.db.read(auth.by_unique, "basic", "bob")
    assert bob is not None
    assert bob.expires_ms is not None
    assert bob.expires_ms // 1000 in (ms(1e9) // 1000, ms(1e9) // 1000 + 1)


async def test_administrators_who_could_not_log_in_can(imported: Imported) -> None:
    """DEFECT in paragraph 7: an empty scheme. A renamed scheme holds passwords like any other."""
    for login, number in (("rooty", ROOTY), ("xena", XENA)):
        record = await imported.db.read(auth.by_unique, "basic", login)
        assert record is not None
        assert (record.uid, record.level) == (uid(number), Level.ROOT)


async def test_what_is_no_password_and_nobodys_password_stay_behind(imported: Imported) -> None:
    for login in ("frank", "dave"):
        assert await imported.db.read(auth.by_unique, "basic", login) is None
    assert "the password of 'basic:frank' is no bcrypt hash" in imported.told


async def test_addresses(imported: Imported) -> None:
    """In their normal form; of two accounts that have confirmed one, the older row counts."""
    read = imported.db.read
    assert await read(creds.of_user, uid(ALICE)) == [
        Cred("email", "alice@example.com", True),
        Cred("tel", "+17025550001", True),
    ]
    assert await read(creds.owner, "tel", "+17025550001") == uid(ALICE)
    assert await read(creds.of_user, uid(BOB)) == [
        Cred("email", "alice@example.com.", False),
        Cred("tel", "+17025550001", False),
    ]
    assert await read(creds.of_user, uid(DAVE)) == []


async def test_a_pending_address_can_be_confirmed_by_a_new_code_only(imported: Imported) -> None:
    """The old code does not come over, the failures do; a superseded address stays so."""
    rows = await imported.db.read(
        lambda tx: tx.execute(sa.select(schema.creds).where(schema.creds.c.uid == uid(BOB))).all()
    )
    found = {row.value: (row.active, row.failures, row.code_until_ms) for row in rows}
    assert found["alice@example.com."] == (True, 2, 0)
    assert found["old@example.com"] == (False, 3, 0)


async def test_devices(imported: Imported) -> None:
    rows = await imported.db.read(lambda tx: tx.execute(sa.select(schema.devices)).all())
    assert [(r.device, r.uid, r.platform, r.lang) for r in rows] == [
        ("device-token-1", uid(ALICE), "web", "en")
    ]


async def test_everybody_has_a_me_and_a_fnd(imported: Imported) -> None:
    """With what is private in them; an account that lacked its own gets them."""
    me = await imported.db.read(subs.get, uid(ALICE), uid(ALICE))
    assert me is not None
    assert me.private == b'{"comment": "mine"}'
    fnd = await imported.db.read(subs.get, ids.fnd_name(uid(ALICE)), uid(ALICE))
    assert fnd is not None
    assert fnd.private == b'"email:bob@example.com"'
    for name in (uid(FRANK), ids.fnd_name(uid(FRANK))):
        made = await imported.db.read(subs.get, name, uid(FRANK))
        assert made is not None
        assert made.want == made.given == modes.MEFND

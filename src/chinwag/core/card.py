"""What the server itself reads in `public`: the picture. Source: specification 07, paragraph 17."""

import msgspec

from chinwag.core import ids


class _Photo(msgspec.Struct):
    ref: str = ""


class _Card(msgspec.Struct):
    photo: _Photo | None = None


_decode = msgspec.json.Decoder(_Card).decode


def pictures(public: bytes | None, attached: tuple[str, ...]) -> tuple[str, ...]:
    """The uploaded file that `public` shows as its picture, or else the first of `attached`.

    `attached`: ids of files that came along; the stock web client names none for a new group.
    """
    shown = _shown(public)
    return (shown,) if shown else tuple(fid for fid in attached if fid)[:1]


def _shown(public: bytes | None) -> str | None:
    try:
        card = _decode(public or b"{}")
    except msgspec.DecodeError:  # not in the usual form: clients may keep in it what they like
        return None
    return ids.file_id(card.photo.ref) if card.photo is not None else None

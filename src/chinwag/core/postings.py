"""What other programs post to a group: the shapes that Slack and Mattermost have made usual.

`{"text": "Markdown"}`, with attachments or blocks if need be, as JSON or in the field `payload` of
a form. Names and pictures of the sender are passed over: the webhook has its own.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs

import msgspec

from chinwag.core.documents import Document

TEXT_MAX: Final = 16_000  # characters; Mattermost has as many
PARTS_MAX: Final = 50  # attachments, blocks or fields
_LINK: Final = re.compile(r"<((?:https?|mailto):[^|<>\s]*)\|([^<>\n]*)>")
_MENTION: Final = re.compile(r"<!(here|channel|everyone)(?:\|[^<>]*)?>")
_SPECIAL: Final = re.compile(r"([\\`*_~\[\]<>])")


class BadPosting(Exception):
    """What was posted cannot be shown; the text is what such programs expect to be told."""


class _Words(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Block(msgspec.Struct):
    type: str = ""
    text: _Words | None = None
    fields: list[_Words] = []
    elements: list[msgspec.Raw] = []


class _Field(msgspec.Struct):
    title: str | None = None
    value: str | int | float | bool | None = None


class _Attachment(msgspec.Struct):
    fallback: str | None = None
    pretext: str | None = None
    author_name: str | None = None
    title: str | None = None
    title_link: str | None = None
    text: str | None = None
    fields: list[_Field] | None = None
    image_url: str | None = None
    footer: str | None = None


class _Posting(msgspec.Struct):
    text: str | None = None
    attachments: list[_Attachment] | None = None
    blocks: list[_Block] | None = None


def read(body: bytes) -> str:
    """The Markdown that was posted. Raises BadPosting."""
    posted = _decoded(body)
    parts = [posted.text or "", *map(_attachment, posted.attachments or ())]
    if not posted.text:
        parts += map(_block, posted.blocks or ())
    if max(len(posted.attachments or ()), len(posted.blocks or ())) > PARTS_MAX:
        raise BadPosting("too_many_attachments")
    text = "\n\n".join(part for part in parts if part.strip())
    if not text:
        raise BadPosting("no_text")
    if len(text) > TEXT_MAX:
        raise BadPosting("msg_too_long")
    return _MENTION.sub(r"@\1", _LINK.sub(r"[\2](\1)", text))


def _decoded(body: bytes) -> _Posting:
    """The JSON, or that in a form: a body says by itself which it is."""
    try:
        if not body.lstrip().startswith(b"{"):
            fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=PARTS_MAX)
            (payload,) = fields.get("payload", [""])
            body = payload.encode()
        return msgspec.json.decode(body, type=_Posting)
    except (ValueError, RecursionError):  # of JSON, of UTF-8, of a form; one too many
        raise BadPosting("invalid_payload") from None


def _attachment(part: _Attachment) -> str:
    """What people should see of an attachment, one below the other."""
    title = f"**{part.title}**" if part.title else ""
    if title and part.title_link:
        title = f"[{title}]({part.title_link})"
    shown = [part.pretext, _quiet(part.author_name), title, part.text, *_fields(part)]
    shown += [part.image_url and f"<{part.image_url}>", _quiet(part.footer)]
    found = "\n\n".join(each for each in shown if each)
    return found or part.fallback or ""


def _fields(part: _Attachment) -> Iterator[str]:
    for field in (part.fields or [])[:PARTS_MAX]:
        value = "" if field.value is None else str(field.value)
        yield f"**{field.title}:** {value}" if field.title else value


def _quiet(text: str | None) -> str:
    """`text` in italics, whatever is in it."""
    return "*" + _SPECIAL.sub(r"\\\1", text) + "*" if text else ""


def _block(block: _Block) -> str:
    """The words of a block: what is no section, header or context has none."""
    words = [block.text] if block.text is not None else []
    words += block.fields
    if block.type == "context":
        words += [
            msgspec.json.decode(each, type=_Words) for each in block.elements if _worded(each)
        ]
    text = "\n\n".join(each.text for each in words if each.text)
    return f"**{text}**" if block.type == "header" and text else text


def _worded(element: msgspec.Raw) -> bool:
    try:
        msgspec.json.decode(element, type=_Words)
    except msgspec.DecodeError:
        return False
    return True


def shown(text: str) -> Document:
    """The rich text that the Markdown `text` describes; takes its time for long ones."""
    from chinwag.core.markdown import markdown  # noqa: PLC0415 - large, and not used everywhere

    return markdown(text)

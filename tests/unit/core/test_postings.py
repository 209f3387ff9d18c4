"""What other programs post, in the shapes of Slack and Mattermost."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chinwag.core import postings
from chinwag.core.postings import PARTS_MAX, TEXT_MAX, BadPosting


def posted(**body: Any) -> str:
    """The Markdown of a posting."""
    return postings.read(json.dumps(body).encode())


def test_a_text_is_all_that_is_needed() -> None:
    assert (
        posted(text="**hi**", username="ci", icon_url="x", icon_emoji=":x:", channel="#a")
        == "**hi**"
    )
    assert postings.read(b'  {"text":"a"}') == "a"


def test_a_form_holds_the_same() -> None:
    body = urlencode({"payload": json.dumps({"text": "é & ü"})}).encode()
    assert postings.read(body) == "é & ü"


def test_links_and_mentions_as_slack_writes_them() -> None:
    text = "<https://a.example/x?y=1|here> <!channel> <!here|all> <https://b.example>"
    assert posted(text=text) == "[here](https://a.example/x?y=1) @channel @here <https://b.example>"


def test_attachments_are_shown_as_text() -> None:
    found = posted(
        text="Build",
        attachments=[
            {
                "fallback": "not shown",
                "color": "#f00",
                "pretext": "Before",
                "author_name": "An*n",
                "title": "Job 7",
                "title_link": "https://ci.example/7",
                "text": "failed",
                "fields": [
                    {"title": "Branch", "value": "main", "short": True},
                    {"title": "Tests", "value": 7},
                    {"value": None},
                ],
                "image_url": "https://ci.example/7.png",
                "footer": "ci",
                "ts": 1,
            },
            {"fallback": "only this"},
        ],
    )
    assert found.split("\n\n") == [
        "Build",
        "Before",
        "*An\\*n*",
        "[**Job 7**](https://ci.example/7)",
        "failed",
        "**Branch:** main",
        "**Tests:** 7",
        "<https://ci.example/7.png>",
        "*ci*",
        "only this",
    ]


def test_blocks_count_where_there_is_no_text() -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deployed"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "to *production*"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "a"}, {"text": "b"}]},
        {"type": "context", "elements": [{"type": "image", "text": 7}, {"text": "by Ann"}]},
        {"type": "divider"},
    ]
    expected = ["**Deployed**", "to *production*", "a", "b", "by Ann"]
    assert posted(blocks=blocks).split("\n\n") == expected
    assert posted(text="instead", blocks=blocks) == "instead"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "invalid_payload"),
        (b"hello", "invalid_payload"),
        (b"{", "invalid_payload"),
        (b"[]", "invalid_payload"),
        (b'{"text": 7}', "invalid_payload"),
        (b'{"text": "\xff"}', "invalid_payload"),
        (b"payload=%ff", "invalid_payload"),
        (b"payload=x&payload=y", "invalid_payload"),
        (b"text=hello", "invalid_payload"),
        (b'{"attachments": {"text": "x"}}', "invalid_payload"),
        (b'{"attachments": ' + b"[" * 5000 + b"]" * 5000 + b"}", "invalid_payload"),
        (b"{}", "no_text"),
        (b'{"text": " \\n"}', "no_text"),
        (b'{"text": null, "attachments": [{}]}', "no_text"),
        (json.dumps({"text": "a" * (TEXT_MAX + 1)}).encode(), "msg_too_long"),
        (
            json.dumps({"attachments": [{"text": "a"}] * (PARTS_MAX + 1)}).encode(),
            "too_many_attachments",
        ),
    ],
)
def test_what_cannot_be_shown_is_named(body: bytes, why: str) -> None:
    with pytest.raises(BadPosting, match=f"^{why}$"):
        postings.read(body)


def test_markdown_becomes_rich_text() -> None:
    assert postings.shown("**hi**").wire == {"txt": "hi", "fmt": [{"len": 2, "tp": "ST"}]}
    assert postings.shown("hi").wire == "hi"

"""Language models, against a local fake of the API."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from chinwag.bots.llm import Model, ModelError, Said, recent
from fake_model import FakeModel


@pytest.fixture
async def fake() -> AsyncIterator[FakeModel]:
    async with FakeModel() as fake:
        yield fake


async def ask(model: Model, question: str = "hi") -> str:
    return "".join([piece async for piece in model.chat([Said("user", question)])])


async def test_an_answer_comes_in_pieces(fake: FakeModel) -> None:
    fake.answers = [["Hel", "lo"]]
    assert await ask(Model(fake.url, "small", "key")) == "Hello"
    assert fake.asked == [
        {"model": "small", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    ]
    assert fake.keys == ["Bearer key"]


async def test_other_lines_are_passed_over(fake: FakeModel) -> None:
    fake.raw = b': ping\n\nevent: x\ndata: {"choices":[]}\n\n'
    fake.raw += b'data: {"choices":[{"delta":{}}]}\n\ndata: [DONE]\n\n'
    assert await ask(Model(fake.url, "small")) == ""


@pytest.mark.parametrize("raw", [b"data: {nonsense\n\n", b'data: {"choices":3}\n\n'])
async def test_nonsense_is_told(fake: FakeModel, raw: bytes) -> None:
    fake.raw = raw
    with pytest.raises(ModelError, match="does not make sense"):
        await ask(Model(fake.url, "small"))


async def test_a_refusal_is_told(fake: FakeModel) -> None:
    fake.failure = web.HTTPUnauthorized
    with pytest.raises(ModelError, match=r"Unauthorized \(401\)"):
        await ask(Model(fake.url, "small"))


async def test_nobody_there_is_told() -> None:
    with pytest.raises(ModelError, match="does not answer"):
        await ask(Model("http://127.0.0.1:1/v1", "small"))


def test_a_conversation_is_cut_before_a_question() -> None:
    said = [Said("user", "aaaa"), Said("assistant", "bbbb"), Said("user", "cccc")]
    assert recent(said, 100) == said
    assert recent(said, 11) == said[2:]
    assert recent(said, 1) == said[2:]
    assert recent([], 5) == []

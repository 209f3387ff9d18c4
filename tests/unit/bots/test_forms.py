"""Forms: typed answers, whatever comes back."""

from typing import Any, Literal

import msgspec
import pytest

from chinwag.bots import Bot, Form, Message, filters, link
from chinwag.bots.forms import Answer, answer_of
from chinwag.bots.messages import Topic
from chinwag.bots.packets import Data
from chinwag.bots.testing import BotTester
from chinwag.core.documents import Document


class Order(msgspec.Struct):
    drink: Literal["tea", "coffee"]
    cups: int = 1


ORDER = Form("order", Order)


def test_a_form_is_what_clients_show() -> None:
    """Source: specification 07, paragraphs 13 and 15.3."""
    asked = ORDER.ask(
        "Tea?", ORDER.button("Yes", Order("tea", 2)), link("Why", "https://x.example")
    )
    assert asked.wire == {
        "txt": "Tea? Yes Why",
        "fmt": [
            {"len": 12, "tp": "FM"},
            {"len": 4, "tp": "ST"},
            {"at": 4, "len": 1, "tp": "BR"},
            {"at": 5, "len": 3},
            {"at": 8, "len": 1, "tp": "BR"},
            {"at": 9, "len": 3, "key": 1},
        ],
        "ent": [
            {
                "tp": "BN",
                "data": {"name": "order", "act": "pub", "val": '{"drink":"tea","cups":2}'},
            },
            {"tp": "BN", "data": {"name": "link", "act": "url", "ref": "https://x.example"}},
        ],
    }


def test_a_form_may_be_for_one_use() -> None:
    asked = ORDER.ask("Tea?", ORDER.button("Yes", Order("tea")), once=True)
    assert ("FM", {"su": True}) in asked.entities


@pytest.mark.parametrize(
    ("form", "value", "answer"),
    [
        (ORDER, '{"drink":"tea"}', Order("tea")),
        (ORDER, {"drink": "tea", "cups": 2}, Order("tea", 2)),
        (Form("order", str), "tea", "tea"),
        (Form("order", int), "3", 3),
        (Form("order", int), 1, 1),
    ],
)
def test_answers_have_the_type_that_was_asked_for(form: Form[Any], value: Any, answer: Any) -> None:
    assert form.read(Answer(1, {"order": value})) == answer


@pytest.mark.parametrize(
    "value", ['{"drink":"beer"}', "tea", 1, None, '{"drink":"tea","cups":"x"}']
)
def test_what_is_no_answer_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|Invalid|Expected|truncated"):
        ORDER.read(Answer(1, {"order": value}))


def test_answers_to_other_forms_are_not_for_this_one() -> None:
    with pytest.raises(ValueError, match="no answer to order"):
        ORDER.read(Answer(1, {"other": "1"}))


@pytest.mark.parametrize(
    "val", [None, "x", {"seq": 1}, {"resp": "x"}, {"seq": "x", "resp": None}, ["resp"]]
)
def test_what_is_no_form_response_is_a_message(val: Any) -> None:
    content = {"txt": "x", "ent": [{"tp": "EX", "data": {"mime": "text/x-drafty-fr", "val": val}}]}
    assert answer_of(Message(Topic(Bot(), "usrA"), Data("usrA", 1, content=content))) is None


async def test_buttons_are_served(bot: Bot) -> None:
    tea = Form("tea", int)

    @bot.message(filters.text("tea"))
    async def ask(message: Message) -> None:
        await message.reply(tea.ask("How many?", tea.button("One", 1), tea.button("Two", 2)))

    @bot.form(tea)
    async def answered(message: Message, answer: int, form_seq: int) -> None:
        await message.reply(f"{answer + 1} for message {form_seq}")

    @bot.form("plain")
    async def plain(message: Message, answer: str) -> None:
        await message.reply(answer)

    async with BotTester(bot) as tester:
        await tester.say("tea")
        question = await tester.reply()
        assert question == "How many?\nOne\nTwo"
        await tester.press(question, "Two")
        assert await tester.reply() == f"3 for message {question.seq}"
        forged = {"mime": "text/x-drafty-fr", "val": {"seq": 1, "resp": {"tea": "many"}}}
        document = {"txt": "x", "fmt": [{"at": -1}], "ent": [{"tp": "EX", "data": forged}]}
        await tester.silence(await tester.say(document))
        forged["val"] = {"resp": {"plain": "text"}}
        await tester.say(document)
        assert await tester.reply() == "text"


def test_what_is_asked_is_what_is_answered() -> None:
    drink: Form[Any] = Form("drink", Literal["tea"])  # type: ignore[arg-type]  # mypy knows classes
    (button,) = drink.button("Tea", "tea").entities
    assert drink.read(Answer(1, {"drink": button.data["val"]})) == "tea"


def test_titles_may_be_rich() -> None:
    assert ORDER.ask(Document("x")).wire == {"txt": "x", "fmt": [{"len": 1, "tp": "FM"}]}

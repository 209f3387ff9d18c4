"""A bot that lets a group vote: `/poll "Where to?" Sea Mountains`."""

import msgspec

from chinwag.bots import Bot, Document, Form, Message, Sent, State, Topic


class Vote(msgspec.Struct):
    """A button that was pressed: which poll, which of its options."""

    poll: int
    option: int


vote = Form("vote", Vote)
bot = Bot()


@bot.command("poll")
async def start(message: Message, args: list[str], shared: State) -> None:
    """Ask the question."""
    if len(args) < 3:
        await message.reply('Ask a question and give two answers: /poll "Where to?" Sea Mountains')
        return
    question, *options = args
    poll = {"question": question, "options": options, "votes": {}}
    sent = await message.reply(paint(message.seq, poll))
    shared[f"poll {message.seq}"] = {**poll, "seq": sent.seq}


@bot.form(vote)
async def count(topic: Topic, answer: Vote, sender: str, shared: State) -> None:
    """Count a vote, the last one of each person, and show the new result."""
    poll = shared.get(f"poll {answer.poll}")
    if poll is None or not 0 <= answer.option < len(poll["options"]):
        return
    poll["votes"][sender] = answer.option
    await Sent(topic, poll["seq"]).edit(paint(answer.poll, poll))


def paint(number: int, poll: dict) -> Document:
    """The question, and a button for each answer with its votes."""
    votes = list(poll["votes"].values())
    buttons = [
        vote.button(f"{option} ({votes.count(n)})", Vote(number, n))
        for n, option in enumerate(poll["options"])
    ]
    return vote.ask(poll["question"], *buttons)

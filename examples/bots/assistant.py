"""A bot that a language model speaks through: any endpoint that speaks as OpenAI's does."""

import os

import msgspec

from chinwag.bots import Bot, Message, State, filters
from chinwag.bots.llm import Model, ModelError, Said, recent

SYSTEM = Said("system", "You are a helpful participant of a chat. Be brief.")
MEMORY = 8000  # characters of the conversation that the model is told
bot = Bot()


def model() -> Model:
    """The model that the environment names."""
    return Model(
        os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"),
        os.environ.get("OPENAI_MODEL", "llama3.2"),
        os.environ.get("OPENAI_API_KEY", ""),
    )


@bot.command("forget")
async def forget(message: Message, shared: State) -> None:
    """Begin anew."""
    shared.clear()
    await message.reply("Forgotten.")


@bot.message(filters.text() & (filters.kind("p2p") | filters.mention))
async def answer(message: Message, shared: State) -> None:
    """Let the model answer, as it comes; in groups where the bot is mentioned."""
    said = msgspec.convert(shared.get("said", []), list[Said])
    said = recent([*said, Said("user", message.text)], MEMORY)
    whole = ""
    try:
        async with message.stream(is_markdown=True) as out:
            async for piece in model().chat([SYSTEM, *said]):
                whole += piece
                await out.write(piece)
    except ModelError as error:
        await message.reply(str(error))
        return
    shared["said"] = msgspec.to_builtins([*said, Said("assistant", whole)])

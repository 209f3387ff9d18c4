"""The commands for webhooks, `chinwag hook …`, and how they and those for tokens give orders."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from chinwag.settings import load

app = typer.Typer(
    invoke_without_command=True,
    help="Let other programs post to groups, and tell them of messages.\n\n"
    "Without --server the server must not be running on the data folder. With it, CHINWAG_ROOT is "
    "NAME:PASSWORD of an administrator.",
)

Data = Annotated[Path, typer.Option("--data", help="Folder of the server.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Its settings.")]
Server = Annotated[
    str | None, typer.Option(metavar="URL", help="A running server; see CHINWAG_ROOT.")
]
Id = Annotated[str, typer.Argument(help="Id of a webhook; see `chinwag hook list`.")]
DATA: Final = Path("data")


class At(NamedTuple):
    """Who gets the orders."""

    data: Path
    config: Path | None
    server: str | None

    def order(self, what: str, /, **args: object) -> Any:
        """Give an order; what is told. Raises CannotStart."""
        from chinwag import orders  # noqa: PLC0415 - the server, for such commands only

        if self.server is not None:
            return orders.online(self.server, what, args)
        return asyncio.run(orders.offline(self.data, load(self.config), what, args))


@app.callback()
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("in")
def incoming(
    group: Annotated[str, typer.Argument(help="Where programs post to, grp…")],
    *,
    name: Annotated[str, typer.Option(help="Name shown to people.")] = "Webhook",
    data: Data = DATA,
    config: ConfigFile = None,
    server: Server = None,
) -> None:
    """Make an address at which other programs post messages to a group, and print it.

    They send what they would send to Slack or Mattermost. Whoever knows the address may post.
    """
    at = At(data, config, server)
    made = at.order("hook.in", topic=group, name=name)
    base = (server or load(config).server.public_url).rstrip("/")
    typer.echo(f"Made {made['id']}: {made['name']} posts to {made['topic']}.")
    typer.echo(f"{base}/{made['path']}")


@app.command("out")
def outgoing(
    url: Annotated[str, typer.Argument(help="Which program is told, https://…")],
    *,
    topic: Annotated[
        list[str] | None, typer.Option(help="Of a topic, usr…, grp…, p2p, grp; again for more.")
    ] = None,
    data: Data = DATA,
    config: ConfigFile = None,
    server: Server = None,
) -> None:
    """Tell a program of all messages from now on, or of those of some topics.

    Prints the secret with which what it is told is signed.
    """
    made = At(data, config, server).order("hook.out", url=url, topics=topic or [])
    typer.echo(f"Made {made['id']}: {made['url']} is told of {_words(made['topics'])}.")
    typer.echo(f"Secret: {made['secret']}")


@app.command("list")
def listing(data: Data = DATA, config: ConfigFile = None, server: Server = None) -> None:
    """Print all webhooks, and which programs cannot be told."""
    for hook in At(data, config, server).order("hook.list")["hooks"]:
        typer.echo(f"{hook['id']}  {hook['created'][:10]}  {_described(hook)}")


@app.command("revoke")
def revoke(id: Id, data: Data = DATA, config: ConfigFile = None, server: Server = None) -> None:
    """End a webhook."""
    At(data, config, server).order("hook.revoke", id=id)
    typer.echo(f"Webhook {id} is revoked.")


@app.command("resume")
def resume(id: Id, data: Data = DATA, config: ConfigFile = None, server: Server = None) -> None:
    """Tell a program again that was given up, of what it has missed too."""
    At(data, config, server).order("hook.resume", id=id)
    typer.echo(f"Webhook {id} goes on.")


def _words(topics: list[str]) -> str:
    return ", ".join(topics) or "all topics"


def _described(hook: dict[str, Any]) -> str:
    if hook["kind"] == "in":
        return f"in   {hook['topic']}  {hook['name']}"
    trouble = f": {hook['why']}" if hook["why"] else ""
    refused = f", {hook['refused']} messages not taken" if hook["refused"] else ""
    return f"out  {hook['url']}  {_words(hook['topics'])}  {hook['state']}{trouble}{refused}"

"""The command `chinwag bench`: how much a server bears."""

import asyncio
from typing import Annotated

import typer

from chinwag.config import CannotStart


def bench(  # noqa: PLR0913 - one parameter for each option
    *,
    url: Annotated[str, typer.Argument(metavar="URL", help="As http://127.0.0.1:6060.")],
    loads: Annotated[
        list[str] | None, typer.Argument(metavar="[LOAD]...", help="fanout, hot, pairs, login.")
    ] = None,
    sessions: Annotated[int, typer.Option(min=2, max=10_000, help="How many there are.")] = 100,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each load lasts.")] = 5,
    rate: Annotated[float, typer.Option(min=1, max=1000, help="Messages a second, fanout.")] = 20,
    window: Annotated[
        int, typer.Option(min=1, max=64, help="Unanswered messages of each session, hot.")
    ] = 4,
    size: Annotated[int, typer.Option(min=1, max=50_000, help="Characters of a message.")] = 150,
    api_key: Annotated[str | None, typer.Option(help="If the server has its own.")] = None,
) -> None:
    """Put a load on a server and tell how it bore it: any that Tinode's clients can use.

    fanout: one writes to a group, all sessions read; hot: all write to one group at once; pairs:
    two and two answer each other; login: clients come, log in and leave. Without a LOAD, all four.

    Accounts are made for it and removed at the end, so people must be able to register there. Use a
    server of your own: others see a load as an attack. Example, the way to a busy evening:

    chinwag bench http://127.0.0.1:6060 fanout --sessions 1000 --rate 50
    """
    from chinwag.measure import command  # noqa: PLC0415 - so that others start at once
    from chinwag.measure.client import API_KEY, CannotMeasure  # noqa: PLC0415 - as above
    from chinwag.measure.loads import Size  # noqa: PLC0415 - as above
    from chinwag.measure.table import table  # noqa: PLC0415 - as above
    from chinwag.upkeep.progress import Progress  # noqa: PLC0415 - as above

    wanted = Size(sessions, seconds, rate, window, size)
    try:
        names = command.chosen(loads or [])
        command.make_room(sessions)
        with Progress() as shown:
            work = command.measure(url, api_key or API_KEY, names, wanted, shown.of)
            rows, left = asyncio.run(work)
    except CannotMeasure as error:
        raise CannotStart(str(error)) from None
    typer.echo(table(rows))
    if left:
        typer.echo(f"chinwag: {left} accounts called Load could not be removed.", err=True)

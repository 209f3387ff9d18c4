"""Orders from the command line: to a data folder that no server uses, or to a running server."""

import base64
import json
import os
import urllib.error
import urllib.request
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from chinwag.app import offline_services
from chinwag.config import CannotStart, Config
from chinwag.engine.hub import Hub
from chinwag.engine.orders import BadOrder, Orders
from chinwag.wire import codec

ROOT: Final = "CHINWAG_ROOT"  # in the environment: NAME:PASSWORD of an administrator
TIMEOUT_S: Final = 30.0
DRAIN_S: Final = 5.0


async def offline(data: Path, config: Config, name: str, args: dict[str, object]) -> Any:
    """Carry out an order on the data folder `data`. Raises CannotStart."""
    async with offline_services(data, config, make=False) as services:
        silent = replace(services, teller=None)  # the server tells, once it is started
        orders = Orders(Hub(silent), private_targets=config.webhooks.private_targets)
        try:
            found = await orders.run(name, codec.encode_value(args))
        except BadOrder as why:
            raise CannotStart(str(why)) from None
        await services.tasks.drain(DRAIN_S)
    return found


def online(server: str, name: str, args: dict[str, object]) -> Any:
    """Give an order to the server at the address `server`. Raises CannotStart."""
    login = os.environ.get(ROOT, "")
    if ":" not in login:
        raise CannotStart(f"Who orders? Set {ROOT} to NAME:PASSWORD of an administrator.")
    if not server.startswith(("http://", "https://")):
        raise CannotStart(f"{server} is no address of a server: write http://HOST:PORT.")
    request = urllib.request.Request(  # noqa: S310 - the operator says where to
        f"{server.rstrip('/')}/v1/admin/{name}",
        data=codec.encode_value(args),
        headers={"Authorization": "Basic " + base64.b64encode(login.encode()).decode()},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise CannotStart(_why(server, error)) from None
    except (OSError, ValueError) as error:
        raise CannotStart(f"The server {server} does not answer ({error}).") from None


def _why(server: str, error: urllib.error.HTTPError) -> str:
    """What the server has against an order."""
    try:
        told = json.loads(error.read())
        return (
            str(told["error"]) if "error" in told else f"The server says: {told['ctrl']['text']}."
        )
    except (ValueError, KeyError, TypeError):
        phrase = HTTPStatus(error.code).phrase if error.code in set(HTTPStatus) else error.code
        return f"The server {server} answers: {phrase}."

"""The one way in which a rule says no."""

from collections.abc import Mapping

from chinwag.wire.ctrl import Reply


class Refused(Exception):
    """A request may not be served: answer it with `reply` and change nothing.

    `params` become the params of the {ctrl}, a mapping of JSON values.
    """

    def __init__(self, reply: Reply, params: Mapping[str, object] | None = None) -> None:
        super().__init__(reply.text)
        self.reply = reply
        self.params = params

"""Where a server is: one address for messages, and one for files."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chinwag.bots.errors import CannotRun

API_KEY: Final = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"  # the key that every stock client carries
_SECURE: Final = {"http": "", "ws": "", "https": "s", "wss": "s"}
_CHANNELS: Final = "/v0/channels"


@dataclass(frozen=True, slots=True)
class Address:
    """A server."""

    host: str  # with the port, if it is not the usual one
    secure: bool = False
    path: str = ""  # in front of /v0
    api_key: str = API_KEY

    @classmethod
    def parse(cls, url: str, api_key: str = API_KEY) -> "Address":
        """The server at `url`, such as `https://chat.example.com`. Raises CannotRun."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in _SECURE or not parts.hostname:
            raise CannotRun(
                f"{url} is no address of a server: it should look like https://chat.example.com."
            )
        path = parts.path.rstrip("/").removesuffix(_CHANNELS)
        return cls(parts.netloc, bool(_SECURE[parts.scheme]), path, api_key)

    @property
    def socket(self) -> str:
        """Where the WebSocket is."""
        return f"ws{'s' * self.secure}://{self.host}{self.path}{_CHANNELS}"

    def file(self, path: str) -> str:
        """The address of `path`, which is relative as in messages, on this server."""
        return f"http{'s' * self.secure}://{self.host}{path}"

    @property
    def upload(self) -> str:
        """Where files are sent."""
        return self.file(f"{self.path}/v0/file/u/")

    def __str__(self) -> str:
        return f"http{'s' * self.secure}://{self.host}{self.path}"

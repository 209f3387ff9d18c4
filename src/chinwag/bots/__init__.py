"""The bot SDK: bots for Chinwag and for every other server that speaks Tinode's protocol."""

from chinwag.bots import filters
from chinwag.bots.bot import Bot, Options
from chinwag.bots.errors import BotError, CannotRun, Lost, Refusal
from chinwag.bots.events import Event
from chinwag.bots.filters import Filter
from chinwag.bots.forms import Form, link
from chinwag.bots.invitations import Invitation
from chinwag.bots.messages import Message, Sent, Topic
from chinwag.bots.router import Router
from chinwag.bots.state import State
from chinwag.bots.storage import MemoryStorage, SqliteStorage, Storage
from chinwag.core.documents import Document
from chinwag.core.markdown import markdown, to_markdown

__all__ = [
    "Bot",
    "BotError",
    "CannotRun",
    "Document",
    "Event",
    "Filter",
    "Form",
    "Invitation",
    "Lost",
    "MemoryStorage",
    "Message",
    "Options",
    "Refusal",
    "Router",
    "Sent",
    "SqliteStorage",
    "State",
    "Storage",
    "Topic",
    "filters",
    "link",
    "markdown",
    "to_markdown",
]

"""Topics by name: finds, makes and forgets topic actors, and carries news between them."""

import logging
from dataclasses import dataclass, field

from chinwag.core import ids
from chinwag.core.presence import InfoNews, News
from chinwag.engine.feeds import Feeds
from chinwag.engine.marks import Marks
from chinwag.engine.pushes import Pushes
from chinwag.engine.request import Request
from chinwag.engine.services import Services
from chinwag.engine.topic import Topic
from chinwag.wire import ctrl

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Hub:
    """The topic actors of this server."""

    services: Services
    topics: dict[str, Topic] = field(default_factory=dict)
    engaged: dict[object, set[str]] = field(default_factory=dict)  # sessions in calls, and where
    stopping: bool = False
    marks: Marks = field(init=False)
    pushes: Pushes = field(init=False)
    feeds: Feeds = field(init=False)

    def __post_init__(self) -> None:
        self.marks = Marks(self.services.db, self.services.tasks)
        self.pushes = Pushes(self.services, self.marks)
        self.feeds = Feeds(self.services)

    def post(self, request: Request) -> None:
        """Hand a request about the topic `request.name` to its actor, made if it is not there."""
        if self.stopping:
            request.reply(ctrl.UNAVAILABLE)
            return
        if not self.topic(request.name).post(request) and not request.answered:
            request.reply(ctrl.UNAVAILABLE)

    def topic(self, name: str) -> Topic:
        """The actor of the topic `name`."""
        topic = self.topics.get(name)
        if topic is None:
            topic = self.topics[name] = Topic(name, ids.kind_of(name), self)
        return topic

    def tell(self, name: str, news: News | InfoNews) -> None:
        """Pass `news` to the topic `name` if it is awake; otherwise it is nobody's.

        Clients resynchronise when they attach. Source: specification 03, paragraph 1.1.
        """
        topic = self.topics.get(name)
        if topic is not None and topic.awake:
            topic.hear(news)

    def hears(self, name: str, beside: str = "") -> bool:
        """Whether news for the topic `name` would be anybody's.

        `beside`: they are for sessions that are not attached to this other topic as well.
        """
        topic = self.topics.get(name)
        if topic is None or not topic.awake:
            return False
        if not beside or topic.busy:  # somebody may just be attaching
            return True
        return any(beside not in client.attached for client in topic.attached)

    def online(self, uid: str) -> bool:
        """Whether contacts see `uid` online."""
        own = self.topics.get(uid)
        return own is not None and own.awake and own.announced

    def engage(self, client: object, name: str) -> None:
        """`client` takes part in the call of the conversation `name`, attached or not (D10b)."""
        self.engaged.setdefault(client, set()).add(name)

    def disengage(self, client: object, name: str) -> None:
        """`client` is no longer in the call of the conversation `name`."""
        names = self.engaged.get(client, set())
        names.discard(name)
        if not names:
            self.engaged.pop(client, None)

    def forget(self, topic: Topic) -> None:
        """Drop an actor that has nothing left to do."""
        if self.topics.get(topic.name) is topic:
            del self.topics[topic.name]

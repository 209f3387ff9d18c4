"""Every {ctrl} reply: the only place where codes and texts are written.

Source: specification 01, paragraph 8.1.
"""

from typing import NamedTuple


class Reply(NamedTuple):
    """The code and text of one kind of {ctrl}."""

    code: int
    text: str


def custom(code: int, text: str) -> Reply:
    """A reply that the operator has chosen in the settings."""
    return Reply(code, text)


OK = Reply(200, "ok")
CREATED = Reply(201, "created")
ACCEPTED = Reply(202, "accepted")
NO_CONTENT = Reply(204, "no content")
EVICTED = Reply(205, "evicted")
SHUTDOWN = Reply(205, "server shutdown")
DELIVERED = Reply(208, "delivered")
VALIDATE_CREDENTIALS = Reply(300, "validate credentials")
CHALLENGE = Reply(300, "challenge")
AUTH_RESET = Reply(301, "auth reset")
USE_OTHER = Reply(303, "use other")
ALREADY_SUBSCRIBED = Reply(304, "already subscribed")
NOT_JOINED = Reply(304, "not joined")
NO_ACTION = Reply(304, "no action")
NOT_MODIFIED = Reply(304, "not modified")
MALFORMED = Reply(400, "malformed")
AUTH_REQUIRED = Reply(401, "authentication required")
AUTH_FAILED = Reply(401, "authentication failed")
UNKNOWN_SCHEME = Reply(401, "unknown authentication scheme")
PERMISSION_DENIED = Reply(403, "permission denied")
API_KEY_REQUIRED = Reply(403, "valid API key required")
SESSION_EXPIRED = Reply(403, "invalid or expired session")
TOPIC_NOT_FOUND = Reply(404, "topic not found")
USER_NOT_FOUND = Reply(404, "user not found")
NOT_FOUND = Reply(404, "not found")
NOT_ALLOWED = Reply(405, "operation or method not allowed")
INVALID_RESPONSE = Reply(406, "invalid response")
ALREADY_AUTHENTICATED = Reply(409, "already authenticated")
DUPLICATE_CREDENTIAL = Reply(409, "duplicate credential")
ATTACH_FIRST = Reply(409, "must attach first")
OUT_OF_SEQUENCE = Reply(409, "command out of sequence")
TOO_LARGE = Reply(413, "too large")
POLICY = Reply(422, "policy violation")
BUSY = Reply(486, "busy here")
INTERNAL = Reply(500, "internal error")
NOT_IMPLEMENTED = Reply(501, "not implemented")
UNREACHABLE = Reply(502, "cluster unreachable")
PAGE_UNREACHABLE = Reply(502, "page unreachable")
UNAVAILABLE = Reply(503, "service unavailable")
LOCKED = Reply(503, "locked")
VERSION_NOT_SUPPORTED = Reply(505, "version not supported")

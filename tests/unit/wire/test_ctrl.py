"""The catalogue of replies. Source: specification 01, paragraph 8.1."""

from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply

CATALOGUE = """
200 ok
201 created
202 accepted
204 no content
205 evicted
205 server shutdown
208 delivered
300 validate credentials
300 challenge
301 auth reset
303 use other
304 already subscribed
304 not joined
304 no action
304 not modified
400 malformed
401 authentication required
401 authentication failed
401 unknown authentication scheme
403 permission denied
403 valid API key required
403 invalid or expired session
404 topic not found
404 user not found
404 not found
405 operation or method not allowed
406 invalid response
409 already authenticated
409 duplicate credential
409 must attach first
409 command out of sequence
413 too large
422 policy violation
486 busy here
500 internal error
501 not implemented
502 cluster unreachable
502 page unreachable
503 service unavailable
503 locked
505 version not supported
"""


def test_replies_are_those_that_clients_know() -> None:
    """Clients compare some texts word for word (paragraph 15); pages are our own affair (D-90)."""
    replies = [value for value in vars(ctrl).values() if isinstance(value, Reply)]
    written = [f"{reply.code} {reply.text}" for reply in replies]
    assert sorted(written) == sorted(CATALOGUE.strip().splitlines())

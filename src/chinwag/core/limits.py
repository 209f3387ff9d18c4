"""The settings that rules need to know."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and switches of this server; defaults are those of the reference.

    Source: specification 01, paragraph 10.
    """

    max_message_size: int = 262144  # bytes of one client message
    max_subscriber_count: int = 128
    max_tag_count: int = 16
    min_tag_length: int = 2
    max_tag_length: int = 96
    max_file_size: int = 8388608  # bytes of one uploaded file; 0: no uploads
    msg_delete_age_s: int = 600  # hard deletion only of younger messages; 0: of all
    p2p_delete: bool = True  # parties of a conversation may delete for both
    permanent_accounts: bool = False
    alias_ns: str = "alias"  # namespace of globally unique tags; empty: none
    # May grow: a service that knows people tells its namespaces when it is there.
    restricted_ns: AbstractSet[str] = frozenset({"basic", "email"})
    masked_ns: frozenset[str] = frozenset()
    max_results: int = 1024
    country: str = "US"
    required_creds: dict[str, list[str]] = field(default_factory=dict)  # level name -> methods
    ice_servers: tuple[dict[str, object], ...] = ()  # empty: no calls
    call_timeout_s: int = 30
    resend_window_s: int = 3600  # within which a message that comes again is known; 0: never
    tagged_methods: frozenset[str] = frozenset()  # credential methods that make tags
    failures_max: int = 3  # wrong answers to one code
    code_length: int = 6
    confirm_life_s: int = 86400  # of a code that confirms an address
    reset_life_s: int = 900  # of a code for a new password
    debug_responses: Mapping[str, str] = field(default_factory=dict)  # method -> always right
    token_life_s: int = 1209600
    push_life_s: int = 3600  # after which nobody is told any more
    hooks_give_up_h: int = 72  # of failures, after which a program is told no more

"""What a client's user agent and language tell. Source: specification 01, paragraphs 11.4, 11.5."""


def platform(ua: str) -> str:
    """`web`, `ios`, `android` or empty."""
    agent = ua.lower()
    if "reactnative" in agent:
        if "iphone" in agent or "ipad" in agent:
            return "ios"
        return "android" if "android" in agent else ""
    for mark, name in (("tinodejs", "web"), ("tindroid", "android"), ("tinodios", "ios")):
        if mark in agent:
            return name
    return ""


def country(lang: str) -> str:
    """The two-letter region that a language tag names explicitly; empty: none."""
    for part in lang.replace("_", "-").split("-")[1:]:
        if len(part) == 2 and part.isascii() and part.isalpha():  # noqa: PLR2004 - ISO 3166
            return part.upper()
    return ""

"""How a long task shows how far it is."""

import io

from chinwag.upkeep.progress import Progress


class Terminal(io.StringIO):
    """A screen."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_changes() -> None:
    screen = Terminal()
    with Progress(screen) as progress:
        watch = progress.of("rows")
        for number in range(1, 50_001):
            watch(number, 100_000)
        progress.done("50,000 rows.")
    shown = screen.getvalue()
    assert shown.startswith("\rrows: 1 of 100,000 (0 %)")
    assert shown.count("\r") < 1000
    assert shown.count("\n") == 1
    assert shown.endswith("\r50,000 rows.\n")


def test_elsewhere_only_what_is_done_is_said() -> None:
    out = io.StringIO()
    with Progress(out) as progress:
        progress.of("rows")(5, 10)
        progress.done("Ten rows.")
        progress.of("files")(5, 0)
    assert out.getvalue() == "Ten rows.\n"


def test_an_error_finds_an_empty_line() -> None:
    screen = Terminal()
    with Progress(screen) as progress:
        progress.of("files")(1234, 0)
    first, last = screen.getvalue().rsplit("\r", 2)[0], screen.getvalue().rsplit("\r", 2)[1:]
    assert first.startswith("\rfiles: 1,234 ")
    assert [part.strip() for part in last] == ["", ""]

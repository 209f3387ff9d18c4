"""How far it has come."""

import io

from chinwag.importing.progress import Progress


class Terminal(io.StringIO):
    """A screen."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line_for_each_step() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.begin("messages", 2000, 500)
    progress.advance(500)
    progress.end()
    assert out.getvalue().startswith(
        "messages       [##########..........]       1,000 of       2,0"
    )
    assert out.getvalue().count("\n") == 1
    assert "\r" not in out.getvalue()


def test_a_terminal_gets_one_that_changes() -> None:
    out = Terminal()
    progress = Progress(out)
    progress.begin("users", 0)
    progress.end()
    assert out.getvalue().startswith("\rusers")
    assert "100%" in out.getvalue()

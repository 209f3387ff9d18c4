"""Every command from outside: what it does, and what it says where it cannot.

A command that cannot do its work says so in one sentence and ends with status 2.
"""

import re
import shutil
import socket
import sqlite3
import subprocess
import urllib.request
from pathlib import Path

import pytest

from live import API_KEY, ROOT, Live, chinwag
from talk import Talk, secret

SALT = "T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4="
COMMANDS = ["serve", "init", "check-config", "config-reference", "keygen", "user"]
USER_COMMANDS = ["add", "passwd", "list", "root", "suspend", "delete"]


def refused(run: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """`run` has said what is wrong, in one sentence with `words`, and done nothing else."""
    assert run.stdout == ""
    assert run.returncode == 2, run.stderr
    assert re.fullmatch(r"chinwag: [A-Z].*[.?]\n", run.stderr), run.stderr
    for word in words:
        assert word in run.stderr


def done(run: "subprocess.CompletedProcess[str]") -> str:
    """What `run` has printed; it has gone well."""
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `chinwag init` makes it."""
    data = tmp_path_factory.mktemp("fresh") / "data"
    assert "is ready" in done(chinwag("init", "--data", data))
    return data


@pytest.fixture
def data(fresh: Path, tmp_path: Path) -> Path:
    """A data folder of one's own."""
    return shutil.copytree(fresh, tmp_path / "data")


# --- help -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_help_teaches(words: list[str]) -> None:
    text = done(chinwag(*words))
    assert "chinwag serve --demo" in text
    for command in COMMANDS:
        assert re.search(rf"^  {command} +[A-Z]", text, re.MULTILINE), command


def test_user_help_teaches() -> None:
    text = done(chinwag("user"))
    for command in USER_COMMANDS:
        assert re.search(rf"^  {command} +[A-Z]", text, re.MULTILINE), command


@pytest.mark.parametrize(
    "command", [*([c] for c in COMMANDS), *(["user", c] for c in USER_COMMANDS)], ids=" ".join
)
def test_every_command_explains_itself(command: list[str]) -> None:
    text = done(chinwag(*command, "--help"))
    assert text.startswith(f"Usage: chinwag {' '.join(command)} ")
    for option in re.findall(r"^  (--[a-z-]+.*)$", text, re.MULTILINE):
        assert option.strip().count("  ") >= 1 or len(option) > 30, f"no explanation: {option}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["serve", "--frob"], "No such option: --frob"),
        (["serve", "--listen"], "requires an argument"),
        (["serve", "extra"], "unexpected extra argument"),
        (["serve", "--log-level", "loud"], "--log-level"),
        (["check-config"], "Missing argument"),
        (["user", "frob"], "No such command 'frob'"),
        (["user", "add"], "Missing argument"),
        (["keygen", "--sequence", "0"], "--sequence"),
        (["keygen", "--sequence", "x"], "--sequence"),
        (["keygen", "--isroot", "2"], "--isroot"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_are_explained(words: list[str], told: str) -> None:
    refused(chinwag(*words), told, "--help`.")


# --- settings and keys ----------------------------------------------------------------------


def test_check_config_accepts_what_can_be_used(tmp_path: Path) -> None:
    assert "is fine" in done(chinwag("check-config", ROOT / "tests/conformance/chinwag.toml"))
    empty = tmp_path / "empty.toml"
    empty.touch()
    assert "is fine" in done(chinwag("check-config", empty))


BAD_CONFIGS = [
    ("[server]\nlissten = 'x'", "server.lissten", "did you mean server.listen?"),
    ("[frob]\n", "frob", "config-reference"),
    ("server = 1", "[server]", "section"),
    ("[server]\nlisten = 'here'", "here", "HOST:PORT"),
    ("[limits]\nmax_tag_count = 0", "limits.max_tag_count", "1"),
    ("[limits]\nmax_tag_count = 'many'", "limits.max_tag_count", "int"),
    ("[server\n", "TOML", "line 1"),
    ("\xff", "TOML", "decode"),
]


@pytest.mark.parametrize(
    ("text", "what", "told"), BAD_CONFIGS, ids=[text for text, *_ in BAD_CONFIGS]
)
def test_a_bad_setting_is_named(tmp_path: Path, text: str, what: str, told: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("latin-1"))
    refused(chinwag("check-config", path), what, told)


def test_a_bad_setting_keeps_the_server_from_starting(tmp_path: Path) -> None:
    """Before it touches anything."""
    path, data = tmp_path / "bad.toml", tmp_path / "data"
    path.write_text("[server]\nlissten = 'x'")
    for command in (["serve", "--no-web"], ["user", "add", "anna"]):
        refused(chinwag(*command, "--config", path, "--data", data), "server.lissten")
    assert not data.exists()


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    refused(chinwag("check-config", tmp_path / "none.toml"), "none.toml", "No such file")


def test_settings_from_the_environment_are_checked_too(tmp_path: Path) -> None:
    words = ("serve", "--no-web", "--data", tmp_path / "data")
    refused(chinwag(*words, CHINWAG_SERVER_LISSTEN="x"), "CHINWAG_SERVER_LISSTEN", "did you mean")
    refused(chinwag(*words, CHINWAG_LIMITS_MAX_TAG_COUNT="x"), "limits.max_tag_count")


def test_config_reference_names_every_section() -> None:
    text = done(chinwag("config-reference"))
    for section in ("server", "limits", "auth", "tags", "media", "email", "calls"):
        assert f"## `[{section}]`" in text


def test_keygen_makes_keys_of_the_published_form() -> None:
    """Specification 01, paragraph 1.5: test vectors under the stock salt."""
    made = done(chinwag("keygen", "--salt", SALT))
    assert made == f"API key: AQAAAAABAAAoeOI7tA3HsYvdzDhYhZJy\nSalt: {SALT}\n"
    urlsafe = SALT.replace("/", "_").replace("+", "-")
    made = done(chinwag("keygen", "--salt", urlsafe, "--isroot", "1"))
    assert made == f"API key: AQAAAAABAAFjJxYaFYey1_4yp7VkYNTf\nSalt: {SALT}\n"


def test_keygen_checks_what_it_made() -> None:
    made = done(chinwag("keygen", "--sequence", "7", "--isroot", "1"))
    key, salt = (line.partition(": ")[2] for line in made.splitlines())
    found = done(chinwag("keygen", "--validate", key, "--salt", salt))
    assert found == "Valid: version 1, sequence 7, root\n"
    found = done(chinwag("keygen", "--validate", API_KEY, "--salt", SALT))
    assert found == "Valid: version 1, sequence 1, ordinary\n"


@pytest.mark.parametrize("key", ["", "x", API_KEY[:-1] + "L", API_KEY[:-4], API_KEY + "AAAA"])
def test_keygen_tells_a_false_key(key: str) -> None:
    run = chinwag("keygen", "--validate", key, "--salt", SALT)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "chinwag: The key was not made with this salt.\n"


def test_keygen_needs_a_salt_that_is_base64() -> None:
    refused(chinwag("keygen", "--validate", API_KEY), "--salt")
    refused(chinwag("keygen", "--validate", API_KEY, "--salt", "***"), "base64")
    refused(chinwag("keygen", "--salt", "***"), "base64")


# --- the data folder ------------------------------------------------------------------------


def test_init_makes_a_folder_for_its_owner_only(fresh: Path) -> None:
    assert fresh.stat().st_mode & 0o777 == 0o700
    assert (fresh / "chinwag.db").is_file()
    for path in fresh.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_init_keeps_what_is_there(data: Path) -> None:
    key = (data / "token.key").read_bytes()
    done(chinwag("user", "add", "anna", "--data", data))
    done(chinwag("init", "--data", data))
    assert (data / "token.key").read_bytes() == key
    assert "anna" in done(chinwag("user", "list", "--data", data))


NEEDS_DATA = [["init"], ["serve", "--no-web"], ["user", "add", "anna"]]


@pytest.mark.parametrize("command", NEEDS_DATA, ids=" ".join)
def test_a_folder_that_cannot_be_made(tmp_path: Path, command: list[str]) -> None:
    """Below a file: not even root can make a folder there."""
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        refused(chinwag(*command, "--data", folder), str(folder), "--data")


@pytest.mark.parametrize("command", NEEDS_DATA, ids=" ".join)
def test_a_folder_that_cannot_be_written(command: list[str]) -> None:
    """The kernel's own: read-only for root too."""
    refused(chinwag(*command, "--data", "/proc/self"), "/proc/self", "--data")


@pytest.mark.parametrize(
    "damage",
    [
        b"this is no database at all, whatever its name says",
        b"SQLite format 3\0" + b"\xff" * 4096,
    ],
    ids=["text", "a broken head"],
)
@pytest.mark.parametrize("command", NEEDS_DATA, ids=" ".join)
def test_a_damaged_database(data: Path, command: list[str], damage: bytes) -> None:
    database = data / "chinwag.db"
    database.write_bytes(damage)
    refused(chinwag(*command, "--data", data), str(database), "backup")
    assert database.read_bytes() == damage, "it was not touched"


def test_a_database_with_a_damaged_page(data: Path) -> None:
    database = data / "chinwag.db"
    raw = bytearray(database.read_bytes())
    raw[4096 : 4096 * 20] = b"\xa5" * (4096 * 19)
    database.write_bytes(bytes(raw))
    refused(chinwag("serve", "--no-web", "--data", data), str(database), "backup")


def test_a_database_of_another_program(data: Path) -> None:
    (data / "chinwag.db").unlink()
    with sqlite3.connect(data / "chinwag.db") as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()
    refused(chinwag("serve", "--no-web", "--data", data), "not chinwag's")


def test_a_database_of_a_later_release(data: Path) -> None:
    with sqlite3.connect(data / "chinwag.db") as db:
        db.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    db.close()
    refused(chinwag("serve", "--no-web", "--data", data), "999", "release")


@pytest.mark.parametrize("damage", [b"", b"***", b"c2hvcnQ="])
def test_a_damaged_secret(data: Path, damage: bytes) -> None:
    (data / "token.key").write_bytes(damage)
    refused(chinwag("serve", "--no-web", "--data", data), "token.key", "restore")


def test_the_folder_of_a_running_server_is_locked(tmp_path: Path) -> None:
    with Live(tmp_path / "data", "--no-web") as live:
        words = ("--data", live.data)
        refused(chinwag("serve", "--no-web", "--listen", "127.0.0.1:0", *words), "in use")
        refused(chinwag("user", "add", "anna", *words), "in use")
        refused(chinwag("init", *words), "in use")
    done(chinwag("user", "add", "anna", *words))


# --- listening ------------------------------------------------------------------------------


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        run = chinwag("serve", "--no-web", "--data", tmp_path / "data", "--listen", listen)
    refused(run, listen, "--listen")


@pytest.mark.parametrize(
    "listen", ["here", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", ":-1", ""]
)
def test_an_address_that_is_none(tmp_path: Path, listen: str) -> None:
    """D-96: a blank one meant a random port."""
    run = chinwag("serve", "--no-web", "--data", tmp_path / "data", "--listen", listen)
    refused(run, "HOST:PORT")


@pytest.mark.parametrize("listen", ["192.0.2.1:6060", "no.such.host.invalid:6060"])
def test_an_address_of_another_machine(tmp_path: Path, listen: str) -> None:
    run = chinwag("serve", "--no-web", "--data", tmp_path / "data", "--listen", listen)
    refused(run, listen, "no such address")


def test_a_missing_web_client(tmp_path: Path) -> None:
    words = ("serve", "--data", tmp_path / "data", "--web")
    refused(chinwag(*words, tmp_path / "none"), "none", "index.html")
    (tmp_path / "empty").mkdir()
    refused(chinwag(*words, tmp_path / "empty"), "empty", "index.html")


def test_another_web_client(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "index.html").write_text("<p>Mine</p>")
    with (
        Live(tmp_path / "data", "--web", str(folder)) as live,
        urllib.request.urlopen(live.address) as response,
    ):
        assert response.read() == b"<p>Mine</p>"


# --- accounts -------------------------------------------------------------------------------


def _log_in(live: Live, login: str, password: str) -> int:
    with Talk(live.port) as talk:
        answer = talk.ask("login", scheme="basic", secret=secret(f"{login}:{password}"))
        return int(answer["code"])


def _listed(data: Path) -> list[list[str]]:
    return [line.split() for line in done(chinwag("user", "list", "--data", data)).splitlines()]


def test_accounts_made_by_hand_can_log_in(data: Path) -> None:
    """D-97: two accounts were made, of which none could."""
    made = done(chinwag("user", "add", "anna", "--name", "Anna A.", "--data", data))
    match = re.fullmatch(r"Made anna: (usr[\w-]{11})\nPassword: (\S{12})\n", made)
    assert match, made
    words = ("user", "add", "boss", "--root", "--password", "secret12", "--data", data)
    assert "Password" not in done(chinwag(*words))
    assert [row[1:] for row in _listed(data)] == [
        ["anna", "user", "ok", "never"],
        ["boss", "root", "ok", "never"],
    ]
    with Live(data, "--no-web") as live:
        assert _log_in(live, "anna", match[2]) == 200
        assert _log_in(live, "anna", "wrong password") == 401
        with Talk(live.port) as talk:
            answer = talk.ask("login", scheme="basic", secret=secret("boss:secret12"))
            assert answer["params"]["authlvl"] == "root"


@pytest.mark.parametrize(
    ("login", "password", "told"),
    [
        ("anna", "password", "There is a user anna already"),
        ("ANNA", "password", "already"),
        ("abc", "password", "4 to 32"),
        ("a" * 33, "password", "4 to 32"),
        ("with blank", "password", "letters"),
        ("co:lon", "password", "letters"),
        ("boris", "short", "at least 6"),
    ],
)
def test_names_and_passwords_that_cannot_be(
    data: Path, login: str, password: str, told: str
) -> None:
    done(chinwag("user", "add", "anna", "--data", data))
    refused(chinwag("user", "add", login, "--password", password, "--data", data), told)
    assert [row[1] for row in _listed(data)] == ["anna"]


def test_passwd_changes_the_password(data: Path) -> None:
    done(chinwag("user", "add", "anna", "--password", "old password", "--data", data))
    with Live(data, "--no-web") as live, Talk(live.port) as talk:
        answer = talk.ask("login", scheme="basic", secret=secret("anna:old password"))
        token = answer["params"]["token"]
    refused(chinwag("user", "passwd", "anna", "--password", "short", "--data", data), "6")
    words = ("user", "passwd", "anna", "--password", "new password", "--data", data)
    assert "new password" in done(chinwag(*words))
    made_up = done(chinwag("user", "passwd", "anna", "--data", data)).split()[-1]
    with Live(data, "--no-web") as live:
        assert _log_in(live, "anna", made_up) == 200
        assert _log_in(live, "anna", "old password") == 401
        with Talk(live.port) as talk:
            answer = talk.ask("login", scheme="token", secret=token)
            assert answer["code"] == 401, "earlier log-ins have ended"


def test_suspended_people_stay_outside(data: Path) -> None:
    done(chinwag("user", "add", "anna", "--password", "password", "--data", data))
    assert "suspended" in done(chinwag("user", "suspend", "anna", "--data", data))
    assert _listed(data)[0][3] == "suspended"
    with Live(data, "--no-web") as live:
        assert _log_in(live, "anna", "password") == 403
    assert "restored" in done(chinwag("user", "suspend", "anna", "--restore", "--data", data))
    with Live(data, "--no-web") as live:
        assert _log_in(live, "anna", "password") == 200


def test_root_is_given_and_taken(data: Path) -> None:
    done(chinwag("user", "add", "anna", "--data", data))
    done(chinwag("user", "root", "anna", "--data", data))
    assert _listed(data)[0][2] == "root"
    done(chinwag("user", "root", "anna", "--revoke", "--data", data))
    assert _listed(data)[0][2] == "user"


@pytest.mark.parametrize("how", [[], ["--hard"]], ids=["soft", "hard"])
def test_deleted_accounts_are_gone(data: Path, how: list[str]) -> None:
    done(chinwag("user", "add", "anna", "--password", "password", "--data", data))
    done(chinwag("user", "add", "boris", "--data", data))
    assert "deleted" in done(chinwag("user", "delete", "anna", *how, "--data", data))
    assert [row[1] for row in _listed(data)] == ["boris"]
    with Live(data, "--no-web") as live:
        assert _log_in(live, "anna", "password") == 401
    assert "Made anna" in done(chinwag("user", "add", "anna", "--data", data)), "the name is free"


@pytest.mark.parametrize("command", ["passwd", "root", "suspend", "delete"])
def test_nobody_of_that_name(data: Path, command: str) -> None:
    refused(chinwag("user", command, "anna", "--data", data), "no user anna", "user list")


@pytest.mark.parametrize(
    "command", [["list"], *([c, "anna"] for c in USER_COMMANDS[1:] if c != "list")]
)
def test_a_folder_without_a_database(tmp_path: Path, command: list[str]) -> None:
    """A mistyped folder is named, not made."""
    folder = tmp_path / "mistyped"
    refused(chinwag("user", *command, "--data", folder), str(folder), "chinwag init")
    assert not folder.exists()

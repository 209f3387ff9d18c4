"""Scripts: commands, variables, what ends them."""

import pytest

from chinwag.bots.packets import Packet
from chinwag.bots.testing import LocalServer, Person
from chinwag.chat.client import Client, once
from chinwag.chat.script import Ended, Failed, Script, given, joined


class Played:
    """A script that has been run."""

    def __init__(self, server: LocalServer, person: Person | None) -> None:
        credentials = person.credentials if person is not None else None
        self.out: list[str] = []
        self.errors: list[str] = []
        self.prompts: list[str] = []
        self.frames: list[Packet] = []
        self.client = Client(server.address, credentials, lambda _, p: self.frames.append(p))
        self.script = Script(self.client, self.out.append, self.errors.append, self._secret)

    async def _secret(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return "zoe12345"

    async def run(self, *lines: str) -> int:
        async def work() -> int:
            await self.client.line.present()
            return await self.script.run(given(lines))

        return await once(self.client, work())


async def test_a_conversation(server: LocalServer, ben: Person) -> None:
    """What spec 06, paragraph 8.7, does: find somebody, talk, make a group, invite, delete."""
    ann = await server.person("Ann")
    played = Played(server, ann)
    status = await played.run(
        "# a comment",
        "",
        ".must $group sub new --fn Tea --tags tea1",
        ".log $group.topic",
        ".use --topic $group.topic",
        f"set --user={ben.uid}",
        ".await $sent pub 'say \"hi\"' \\",
        "  --head priority:high",
        ".log seq $sent.params[seq]",
        "get --data --limit 5",
        "note read --seq 1",
        "del msg --seq 1 --hard",
        ".must del topic --hard",
        "exit",
        "nonsense",
    )
    assert (status, played.errors) == (0, [])
    assert played.out[0].startswith("grp")
    assert played.out[1] == "seq 1"
    (data,) = [p.data for p in played.frames if p.data is not None]
    assert (data.content, data.head) == ('say "hi"', {"priority": "high"})
    await ann.leave()


async def test_a_refusal_is_told_and_makes_the_status_1(server: LocalServer, ben: Person) -> None:
    played = Played(server, ben)
    assert await played.run("pub grpAAAAAAAAAAA hi", "get me --desc") == 1
    assert played.errors == ["The server refuses: topic not found (404)."]
    assert played.frames[-1].meta is not None


async def test_what_must_be_ends_the_script(server: LocalServer, ben: Person) -> None:
    played = Played(server, ben)
    assert await played.run(".must pub grpAAAAAAAAAAA hi", ".log never") == 1
    assert (played.out, played.errors) == ([], ["The server refuses: topic not found (404)."])


async def test_what_is_awaited_may_be_refused(server: LocalServer, ben: Person) -> None:
    played = Played(server, ben)
    assert await played.run(".await $x sub grpAAAAAAAAAAA", ".log $x.code $x.text") == 0
    assert played.out == ["404 topic not found"]


async def test_accounts_and_secrets(server: LocalServer) -> None:
    played = Played(server, None)
    status = await played.run(
        ".verbose",
        ".must $user acc --uname zoe5 --fn Zoe --do-login",
        ".log $user.params[user]",
        "usermod usrA --name 'Zoe X' --explain",
        "passwd usrA --explain",
    )
    assert (status, played.prompts) == (0, ["Password: "])
    assert played.out[0].startswith("usr")
    assert ".must '$v' set me '--fn=Zoe X'" in played.out[1]
    assert played.errors[0].startswith('> {"acc": ')
    assert "secret" in played.errors[0]
    assert "em9lNTp" not in played.errors[0]


async def test_a_macro_that_is_refused_leaves_nothing_behind(
    server: LocalServer, ben: Person
) -> None:
    played = Played(server, ben)

    async def work() -> int:
        await played.client.line.present()
        with pytest.raises(Failed, match="permission denied"):
            await played.script.do("chacs usrQaG1KtuHfNA --auth JR")
        return 0

    await once(played.client, work())
    assert played.script.use.user == ""


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (".log $x", "There is no variable $x."),
        (".nonsense", "This means nothing: .nonsense"),
        (".sleep long", "This means nothing: .sleep long"),
        (".use --nonsense x", ".use: say --user USER, --topic TOPIC or both; '' for none."),
        (".must", ".must: what? A command is missing."),
        ("upload /nowhere", "/nowhere cannot be read: No such file or directory."),
        (
            "file --what down https://a.example/x",
            "https://a.example/x is not on this server: https://a.example/x.",
        ),
    ],
)
async def test_mistakes(server: LocalServer, ben: Person, line: str, sentence: str) -> None:
    played = Played(server, ben)
    assert await played.run(line) == 1
    assert played.errors == [sentence]


async def test_files_go_up_and_come_down(
    server: LocalServer, ben: Person, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open("a.txt", "wb") as file:
        file.write(b"hello")
    played = Played(server, ben)
    assert await played.run(".must $up upload a.txt", "file --what down $up.params[url]") == 0
    assert played.errors == []
    name = played.script.values["up"]["params"]["url"].rpartition("/")[2]
    with open(name, "rb") as file:
        assert file.read() == b"hello"


async def test_small_things(server: LocalServer, ben: Person) -> None:
    played = Played(server, ben)
    assert await played.run(".sleep 1", ".delmark X", "set me --private X", ".quit") == 0
    assert played.script.use.delmark == "X"
    with pytest.raises(Ended):
        await played.script.do("quit")


async def test_lines_go_on() -> None:
    lines = [line async for line in joined(given(["a \\\n", "b\n", "c", "d\\"]))]
    assert lines == ["a b", "c", "d"]

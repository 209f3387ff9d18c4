"""The web client is put together so that a browser needs no other host."""

import json
import shutil
from pathlib import Path

import pytest

import build_web

PAGE = """<meta name="og:url" content="https://web.tinode.co/">
<link rel="canonical" href="https://web.tinode.co/" />
<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Roboto:300,400i" />
<link rel="stylesheet" href="https://fonts.googleapis.com/icon?family=Material+Icons" />
<script crossorigin="anonymous" \
src="https://polyfill-fastly.io/v3/polyfill.min.js?features=Intl.Segmenter"></script>
<script crossorigin="anonymous" src="https://cdn.example/npm/react@18.3.1/umd/r.min.js">\
</script>
"""
WORKER = "importScripts('https://cdn.example/npm/firebase@9.14.0/firebase-app-compat.js');\n"
FONT = "src: url(./{0}x.woff2) format('woff2'), url(./{0}x.woff) format('woff');\n"
FILES = {
    "tinode-webapp": {
        "index.html": PAGE,
        "index-dev.html": PAGE,
        "manifest.json": '{"name": "T", "related_applications": []}',
        "service-worker.js": WORKER,
        "version.js": "const PACKAGE_VERSION = 1;",
        "css/base.min.css": "b { background: url(../img/a.png) }",
        "audio/a.m4a": "",
        "img/a.png": "",
        "img/bkg/a.png": "",
        "umd/1.prod.js": "",
        "umd/1.prod.js.map": "",
        "LICENSE": "the client's licence",
    },
    "react": {"umd/r.js": "react", "LICENSE": "MIT"},
    "firebase": {"firebase-app-compat.js": "firebase"},
    "material-icons": {"iconfont/filled.css": FONT.format(""), "iconfont/x.woff2": "icons"},
    "@fontsource/roboto": {
        **{f"{style}.css": FONT.format("files/") for style in build_web.ROBOTO},
        "files/x.woff2": "roboto",
    },
    "@formatjs/intl-segmenter": {"polyfill.iife.js": "segmenter"},
}
VERSIONS = {"react": "18.3.1", "firebase": "9.14.0"}


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """What npm would have installed, in small."""
    folder = tmp_path / "node_modules"
    for package, files in FILES.items():
        described = {"version": VERSIONS.get(package, "1.0.0"), "license": "Apache-2.0"}
        for name, text in {**files, "package.json": json.dumps(described)}.items():
            path = folder / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


def test_everything_is_loaded_from_here(modules: Path, tmp_path: Path) -> None:
    build_web.build(modules, tmp_path / "web")
    page = (tmp_path / "web/index.html").read_text()
    assert '<script src="vendor/r.min.js">' in page
    for local in ("vendor/roboto.css", "vendor/material-icons.css", "vendor/polyfill.js"):
        assert f'"{local}"' in page
        assert (tmp_path / "web" / local).is_file()
    worker = (tmp_path / "web/service-worker.js").read_text()
    assert worker == "importScripts('vendor/firebase-app-compat.js');\n"
    assert (tmp_path / "web/vendor/r.min.js").read_text() == "react"
    assert (tmp_path / "web/vendor/x.woff2").is_file()
    assert ".woff)" not in (tmp_path / "web/vendor/roboto.css").read_text()


def test_source_maps_and_development_builds_are_left_out(modules: Path, tmp_path: Path) -> None:
    build_web.build(modules, tmp_path / "web")
    names = {path.name for path in (tmp_path / "web").rglob("*")}
    assert "1.prod.js" in names
    assert not names & {"1.prod.js.map", "index-dev.html", "package.json"}


def test_browsers_are_not_sent_to_a_shop(modules: Path, tmp_path: Path) -> None:
    build_web.build(modules, tmp_path / "web")
    assert json.loads((tmp_path / "web/manifest.json").read_text()) == {"name": "T"}


def test_licences_lie_beside_what_they_cover(modules: Path, tmp_path: Path) -> None:
    build_web.build(modules, tmp_path / "web")
    text = (tmp_path / "web/LICENSES.txt").read_text()
    assert "the client's licence" in text
    assert "react 18.3.1" in text
    assert "firebase 9.14.0" in text


def test_another_version_than_the_page_wants_is_refused(modules: Path, tmp_path: Path) -> None:
    (modules / "react/package.json").write_text('{"version": "17.0.0"}')
    with pytest.raises(build_web.CannotBuild, match=r"wants react 18\.3\.1 and 17\.0\.0"):
        build_web.build(modules, tmp_path / "web")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.html", '<script src="https://elsewhere.example/a.js"></script>'),
        ("service-worker.js", "importScripts('https://elsewhere.example/a.js')"),
        ("css/base.min.css", "@import url(https://elsewhere.example/a.css)"),
    ],
)
def test_a_host_nobody_thought_of_is_refused(
    modules: Path, tmp_path: Path, name: str, text: str
) -> None:
    (modules / "tinode-webapp" / name).write_text(text)
    with pytest.raises(build_web.CannotBuild, match="still loads https://elsewhere"):
        build_web.build(modules, tmp_path / "web")


def test_a_client_laid_out_otherwise_is_refused(modules: Path, tmp_path: Path) -> None:
    shutil.rmtree(modules / "tinode-webapp/umd")
    with pytest.raises(build_web.CannotBuild, match="out of step"):
        build_web.build(modules, tmp_path / "web")


def test_replaces_the_client_that_was_there(tmp_path: Path) -> None:
    new, target = tmp_path / "part", tmp_path / "web"
    for folder, text in ((new, "new"), (target, "old")):
        folder.mkdir()
        (folder / "index.html").write_text(text)
    build_web.replace(new, target)
    assert (target / "index.html").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web"]


def test_without_npm_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SystemExit, match="2"):
        build_web.main()
    said = capsys.readouterr().err
    assert said.startswith("build_web: The web client comes from npm")
    assert said.count("\n") == 1

"""Put the stock web client into the package, with everything it would load from other hosts.

`make setup` calls it. The npm packages named in `tools/web` are installed from their lock file, the
client's files are copied, what its page takes from public networks is put beside them, and the
page is rewritten to take it from there. See docs/decisions/0002-web-client.md.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parent.parent
RECIPE: Final = ROOT / "tools" / "web"
TARGET: Final = ROOT / "src" / "chinwag" / "web"
ASIDE: Final = ROOT / ".setup" / "web.part"

CLIENT: Final = (
    "index.html",
    "manifest.json",
    "service-worker.js",
    "version.js",
    "css/base.min.css",
    "audio/*",
    "img/*.*",
    "img/bkg/*",
    "umd/*.prod.js",
)
PAGES: Final = ("index.html", "service-worker.js")  # the only ones that name other hosts
ROBOTO: Final = ("300", "400", "400-italic", "500", "700", "700-italic")  # as the page asks for

# What the page asks for in other ways than by package, version and path.
LOCAL: Final = {
    r"https://fonts\.googleapis\.com/css\?family=Roboto:[\w,]+": "vendor/roboto.css",
    r"https://fonts\.googleapis\.com/icon\?family=Material\+Icons": "vendor/material-icons.css",
    r"https://polyfill-fastly\.io/v3/polyfill\.min\.js\?features=Intl\.Segmenter": (
        "vendor/polyfill.js"
    ),
}
_CDN: Final = re.compile(r"https://[\w.-]+/npm/((?:@[\w.-]+/)?[\w.-]+)@([\w.-]+)/([\w./-]+)")
_FOREIGN: Final = re.compile(r"""\b(?:https?|wss?)://[^\s"'<>)]+""")
_NOT_LOADED: Final = re.compile(r'<meta [^>]*>|<link rel="canonical"[^>]*>')
_WOFF: Final = re.compile(r""",\s*url\([^)]*\.woff["']?\)\s*format\(["']woff["']\)""")
_SHOP: Final = ("prefer_related_applications", "related_applications")


class CannotBuild(Exception):
    """Why there is no web client, in a sentence."""


def main() -> None:
    """Install, build aside, rename."""
    try:
        install(RECIPE)
        build(RECIPE / "node_modules", ASIDE)
        replace(ASIDE, TARGET)
    except CannotBuild as error:
        fail(str(error))


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and end with status 2."""
    print(f"build_web: {sentence}", file=sys.stderr)
    raise SystemExit(2)


def install(recipe: Path) -> None:
    """Have npm install what the lock file in `recipe` names. Raises CannotBuild."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise CannotBuild(
            "The web client comes from npm, and Node.js with npm is not installed: install version "
            "20 or newer, then run `make setup` again."
        )
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=recipe, stdout=subprocess.DEVNULL, check=False).returncode:
        raise CannotBuild(
            "npm could not install the web client for the reason above: mend it, for example the "
            "connection to the npm registry, then run `make setup` again."
        )


def build(modules: Path, target: Path) -> None:
    """Make the client in `target` from the packages in `modules`. Raises CannotBuild."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "vendor").mkdir(parents=True)
    copy_client(modules / "tinode-webapp", target)
    copy_local(modules, target / "vendor")
    used = {"tinode-webapp", "@fontsource/roboto", "material-icons", "@formatjs/intl-segmenter"}
    for name in PAGES:
        used |= rewrite(target / name, modules)
    trim_manifest(target / "manifest.json")
    shutil.copy(RECIPE / "firebase-init.js", target)
    (target / "LICENSES.txt").write_text(licences(modules, sorted(used)), encoding="utf-8")
    check(target)


def copy_client(package: Path, target: Path) -> None:
    """Copy the client's own files, source maps and development builds left out."""
    for pattern in CLIENT:
        found = sorted(package.glob(pattern))
        if not found:
            raise CannotBuild(
                f"The web client has no {pattern}: tools/build_web.py is out of step."
            )
        for path in found:
            copy = target / path.relative_to(package)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def copy_local(modules: Path, vendor: Path) -> None:
    """Copy the fonts, and the library for browsers that cannot split a text into characters."""
    roboto = modules / "@fontsource" / "roboto"
    styles = [(roboto / f"{style}.css").read_text(encoding="utf-8") for style in ROBOTO]
    copy_font("".join(styles).replace("./files/", "./"), roboto / "files", vendor / "roboto.css")
    icons = modules / "material-icons" / "iconfont"
    style = (icons / "filled.css").read_text(encoding="utf-8")
    copy_font(style, icons, vendor / "material-icons.css")
    polyfill = modules / "@formatjs" / "intl-segmenter" / "polyfill.iife.js"
    shutil.copyfile(polyfill, vendor / "intl-segmenter.js")
    shutil.copy(RECIPE / "polyfill.js", vendor)


def copy_font(style: str, files: Path, target: Path) -> None:
    """Write a style sheet and the fonts it names, but for those in the old format."""
    style = _WOFF.sub("", style)
    for name in re.findall(r"""url\(["']?\./([^)"']+)""", style):
        shutil.copyfile(files / name, target.parent / name)
    target.write_text(style, encoding="utf-8")


def rewrite(page: Path, modules: Path) -> set[str]:
    """Make `page` load from here what it loads from elsewhere; the packages that gave it."""
    used = set()

    def vendored(match: re.Match[str]) -> str:
        package, version, path = match.groups()
        used.add(package)
        name = f"vendor/{Path(path).name}"
        shutil.copyfile(find(modules, package, version, path), page.parent / name)
        return name

    text = _CDN.sub(vendored, page.read_text(encoding="utf-8"))
    for address, local in LOCAL.items():
        text = re.sub(address, local, text)
    page.write_text(text.replace(' crossorigin="anonymous"', ""), encoding="utf-8")
    return used


def find(modules: Path, package: str, version: str, path: str) -> Path:
    """The file that the address of a public network stands for. Raises CannotBuild."""
    folder = modules / package
    described = folder / "package.json"
    have = json.loads(described.read_text("utf-8"))["version"] if described.exists() else "none"
    if have != version:
        raise CannotBuild(
            f"The page wants {package} {version} and {have} is installed: pin {version} in "
            "tools/web/package.json."
        )
    # Those networks shrink files on request: take the one it was made from.
    for candidate in (folder / path, folder / path.replace(".min.", ".")):
        if candidate.is_file():
            return candidate
    raise CannotBuild(f"{package} {version} has no {path}, which the page wants.")


def trim_manifest(manifest: Path) -> None:
    """Have browsers offer to install this page, not somebody's app from a shop."""
    described = json.loads(manifest.read_text(encoding="utf-8"))
    kept = {name: value for name, value in described.items() if name not in _SHOP}
    manifest.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def licences(modules: Path, packages: list[str]) -> str:
    """Under which licences the copied packages are, in full."""
    texts = ["The web client and what is copied beside it, each under its own licence.\n"]
    for package in packages:
        described = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
        heading = f"{package} {described['version']}"
        found = sorted((modules / package).glob("LICENSE*"))
        if found:
            text = found[0].read_text(encoding="utf-8")
        else:  # firebase names its licence and leaves the text out
            text = f"Licence: {described['license']}. See the text of tinode-webapp's.\n"
        texts.append(f"{'=' * 78}\n{heading}\n{'=' * 78}\n\n{text.strip()}\n")
    return "\n".join(texts)


def check(target: Path) -> None:
    """Nothing that a browser loads unasked is on another host. Raises CannotBuild."""
    for path in sorted(target.rglob("*")):
        if path.suffix not in (".html", ".css") and path.name not in PAGES:
            continue
        text = _NOT_LOADED.sub("", path.read_text(encoding="utf-8"))
        for address in _FOREIGN.findall(text):
            if not address.startswith("http://www.w3.org/"):
                where = path.relative_to(target)
                raise CannotBuild(f"{where} of the web client still loads {address}.")


def replace(new: Path, target: Path) -> None:
    """Put the finished folder `new` where `target` is."""
    old = new.with_suffix(".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    main()

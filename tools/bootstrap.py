"""Makes this checkout ready: the virtual environment, the browser files, a browser for the tests.

    python tools/bootstrap.py run       what serving needs
    python tools/bootstrap.py dev       and what developing and testing needs
    python tools/bootstrap.py browser   a Chromium for the browser tests

Only the standard library, because nothing else is there yet. What is done already is left alone.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = (str(PYTHON), "-m", "pip", "-qq", "--disable-pip-version-check")
STAMP = VENV / "fastor-ready"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""A browser goes by one of these."""

KINDS = ("run", "dev")
"""Each holds all of the one before it."""


class BootstrapError(Exception):
    """The checkout can't be made ready; the message says what to do."""


def main(arguments: list[str]) -> int:
    wanted = arguments[0] if arguments else ""
    try:
        if wanted == "browser":
            provide_browser()
        elif wanted in KINDS:
            provide(wanted)
        else:
            raise BootstrapError(__doc__ or "")
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def provide(kind: str) -> None:
    """The environment and the browser files of `kind`, unless they are there."""
    # Asked of the folder too: without it somebody has cleaned up.
    vendor = ROOT / "portal" / "static" / "vendor"
    if vendor.is_dir() and kind in stamped_kinds():
        return
    began = time.monotonic()
    make_venv()
    install(ROOT / "requirements" / f"{kind}.txt")
    say("this package")
    editable = ["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    pip(*editable, why="This package could not be installed, see above.")
    provide_npm()
    say("browser files")
    development = ["--dev"] if kind == "dev" else []
    run([str(PYTHON), "-m", "portal.web.assets", *development], "The browser files could not be prepared.")
    STAMP.write_text(f"{kind} {fingerprint()}")
    say(f"ready after {time.monotonic() - began:.0f} s")


def stamped_kinds() -> tuple[str, ...]:
    """The kinds this environment has been made ready for, of the present locks."""
    try:
        kind, of = STAMP.read_text().split()
    except (OSError, ValueError):
        return ()
    return KINDS[: KINDS.index(kind) + 1] if of == fingerprint() and PYTHON.exists() else ()


def fingerprint() -> str:
    """Changes whenever something else would be installed or prepared; the place counts, because a virtual
    environment can't be moved."""
    digest = hashlib.sha256(str(ROOT).encode())
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    for path in (*locks, ROOT / "pyproject.toml", ROOT / "package-lock.json", ROOT / "portal/web/assets.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    """A virtual environment of this Python; one that does not work any more is replaced."""
    if PYTHON.exists() and succeeds([str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
        return
    if (VENV / "pyvenv.cfg").exists():
        shutil.rmtree(VENV)
    say(f"virtual environment of Python {sys.version_info[0]}.{sys.version_info[1]}")
    if importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made.")
    elif uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(VENV)], "uv could not make one.")
    else:
        raise BootstrapError(
            f"{sys.executable} can't make a virtual environment: its module ensurepip is missing.\n"
            "On Debian and Ubuntu: apt-get install python3-venv"
        )


def install(lock: Path) -> None:
    """Bring the environment to exactly what `lock` names: quickly with uv, or with pip where uv fails."""
    say(f"packages of {lock.relative_to(ROOT)}")
    tool = ROOT / "requirements" / "uv.txt"
    uv = [str(PYTHON), "-m", "uv", "--quiet", "pip"]
    have_uv = succeeds([*uv, "--version"]) or succeeds([*PIP, "install", "--require-hashes", "-r", str(tool)])
    if have_uv and succeeds([*uv, "sync", "--python", str(PYTHON), "--require-hashes", str(lock)]):
        return
    say("uv does not work here; pip takes longer")
    pip("install", "--require-hashes", "-r", str(lock))


def provide_npm() -> None:
    """Node from the package index, where the machine has none that is new enough."""
    asked = "import sys; from portal.web import assets; sys.exit(assets.node_version() < assets.NODE)"
    if shutil.which("npm") and succeeds([str(PYTHON), "-c", asked]):
        return
    say("Node")
    pip("install", "--require-hashes", "-r", str(ROOT / "requirements" / "node.txt"))


def provide_browser() -> None:
    """A Chromium: the one that is named or found, or Debian's where we may install it."""
    named = os.environ.get("FASTOR_CHROMIUM")
    if named:
        if not shutil.which(named):
            raise BootstrapError(f"FASTOR_CHROMIUM names no program: {named}")
        return
    if any(map(shutil.which, NAMES)):
        return
    bundled = "from playwright.sync_api import sync_playwright as s; from pathlib import Path; import sys\n"
    bundled += "with s() as p: sys.exit(not Path(p.chromium.executable_path).exists())"
    if succeeds([str(PYTHON), "-c", bundled]):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Chromium")
        why = "Chromium could not be installed."
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        patient = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]  # a fresh machine may still be installing something
        run([*patient, "update", "-qq"], why, environment)
        run([*patient, "install", "-y", "-qq", "--no-install-recommends", "chromium"], why, environment)
        return
    raise BootstrapError(
        "The browser tests need Chromium. Install it (on Debian: sudo apt-get install chromium),\n"
        "or say where it is: FASTOR_CHROMIUM=/path/to/chromium make test"
    )


def pip(*arguments: str, why: str = "pip failed, see above. Is the package index within reach?") -> None:
    run([*PIP, *arguments], why)


def run(command: list[str], why: str, environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise BootstrapError(why)


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0


def say(what: str) -> None:
    print(f"setup: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

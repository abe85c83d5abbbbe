"""Browser files over a plain ASGI call: addresses, overlay, joining, compression, caching, parts."""

import gzip
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
import pytest

from portal.errors import ConfigurationError
from portal.web.static_files import StaticFiles

pytestmark = pytest.mark.anyio


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def call(files: StaticFiles, path: str, method: str = "GET", **headers: str) -> Answer:
    answer = Answer()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            answer.body += message["body"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "method": method, "path": path, "headers": raw}, receive, send)
    return answer


def write(root: Path, name: str, content: str | bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    root = tmp_path / "portal"
    write(root, "portal.css", '@layer a, b;\n@import url("css/a.css");\n@import url("css/b.css");\n')
    write(root, "css/a.css", '/* why */\n@layer a { .x::before { content: "/* kept */"; } }\n')
    write(root, "css/b.css", "@layer b { .y { color: red; } }\n")
    write(root, "plain.txt", "0123456789")
    write(root, "vendor/manifest.json", '{"lib/lib.js": "lib@1.0/lib.js"}')
    write(root, "vendor/lib@1.0/lib.js", "plain()")
    write(root, "vendor/lib@1.0/lib.js.br", b"as br")
    write(root, "vendor/lib@1.0/lib.js.gz", b"as gzip")
    write(root, ".secret", "no")
    write(tmp_path, "outside.txt", "no")
    return root


@pytest.fixture
def files(portal: Path) -> StaticFiles:
    return StaticFiles([portal], icons="<svg/>")


async def test_an_address_of_this_build_may_be_kept_for_ever(files: StaticFiles) -> None:
    answer = await call(files, files.url("plain.txt"))
    assert (answer.status, answer.body) == (200, b"0123456789")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].startswith("text/plain")


async def test_an_address_of_another_build_still_answers_but_is_asked_again(files: StaticFiles) -> None:
    answer = await call(files, "/static/0000000000/plain.txt")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")


async def test_a_mount_may_strip_the_prefix_and_add_a_slash(files: StaticFiles) -> None:
    address = files.url("plain.txt").removeprefix("/static")
    assert (await call(files, f"{address}/")).status == 200


async def test_a_prefix_is_part_of_every_address(portal: Path) -> None:
    files = StaticFiles([portal], prefix="/admin/static", icons="<svg/>")
    assert files.url("plain.txt").startswith("/admin/static/")
    assert files.vendor("lib/lib.js") == "/admin/static/vendor/lib@1.0/lib.js"
    assert (await call(files, files.icon_url("plus").partition("#")[0])).body == b"<svg/>"
    assert (await call(files, files.vendor("lib/lib.js"))).body == b"plain()"


async def test_the_project_s_file_lies_over_the_portal_s(portal: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    write(project, "css/b.css", "@layer b { .y { color: blue; } }\n")
    write(project, "theme.css", ".z {}")
    files = StaticFiles([project, portal])
    sheet = (await call(files, files.url("portal.css"))).body.decode()
    assert "blue" in sheet
    assert "red" not in sheet
    assert files.has("theme.css")
    assert not StaticFiles([portal]).has("theme.css")


async def test_an_entry_is_joined_in_the_order_of_its_imports_without_comments(files: StaticFiles) -> None:
    sheet = (await call(files, files.url("portal.css"))).body.decode()
    assert "@import" not in sheet
    assert "why" not in sheet
    assert '"/* kept */"' in sheet
    assert sheet.index("@layer a, b") < sheet.index(".x") < sheet.index(".y")


async def test_a_module_takes_in_its_behaviours_and_shares_their_imports(portal: Path) -> None:
    write(portal, "js/main.js", "// entry\nimport './one.js';\nimport './two.js';\nimport './shared.js';\n")
    write(portal, "js/one.js", "import { a } from './shared.js';\nconst x = a;\n")
    write(portal, "js/two.js", "import { a, b } from './shared.js';\nconst x = b;\n")
    write(portal, "js/shared.js", "export const a = 1;\nexport const b = 2;\n")
    files = StaticFiles([portal])
    script = (await call(files, files.url("js/main.js"))).body.decode()
    assert script.splitlines() == [
        "import { a, b } from './shared.js';",
        *("{", "const x = a;", "}", "{", "const x = b;", "}"),
        "import './shared.js';",
    ]


async def test_in_debug_files_are_served_as_they_are_now(portal: Path) -> None:
    files = StaticFiles([portal], debug=True)
    before = files.url("portal.css")
    assert b"@import" in (await call(files, before, accept_encoding="br")).body
    path = write(portal, "css/a.css", "@layer a { .changed {} }")
    os.utime(path, ns=(1, 1))
    files.build_id  # noqa: B018  may still be the remembered one
    answer = await call(files, files.url("css/a.css"))
    assert b".changed" in answer.body
    assert answer.headers["cache-control"] == "no-cache"


async def test_in_debug_an_edit_changes_the_build_id(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.static_files.DEBUG_MEMORY", -1.0)
    files = StaticFiles([portal], debug=True)
    before = files.build_id
    write(portal, "css/a.css", "@layer a { .longer-than-before-so-that-size-differs {} }")
    assert files.build_id != before


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity;q=1, br;q=0.2", None),
        ("br;q=nonsense", None),
        ("", None),
    ],
)
async def test_the_encoding_the_client_likes_most_is_sent(
    files: StaticFiles, accepted: str, encoding: str | None
) -> None:
    for address in (files.url("portal.css"), files.vendor("lib/lib.js")):
        answer = await call(files, address, accept_encoding=accepted)
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"


async def test_third_party_files_come_with_their_prepared_variants(files: StaticFiles) -> None:
    answer = await call(files, files.vendor("lib/lib.js"), accept_encoding="br")
    assert answer.body == b"as br"


async def test_compressed_own_files_say_the_same(files: StaticFiles) -> None:
    address = files.url("portal.css")
    plain = (await call(files, address)).body
    assert brotli.decompress((await call(files, address, accept_encoding="br")).body) == plain
    assert gzip.decompress((await call(files, address, accept_encoding="gzip")).body) == plain


async def test_a_client_that_has_the_file_gets_304(files: StaticFiles) -> None:
    address = files.url("portal.css")
    first = await call(files, address, accept_encoding="br")
    tag = first.headers["etag"]
    again = await call(files, address, accept_encoding="br", if_none_match=f'"other", W/{tag}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert (await call(files, address, accept_encoding="gzip", if_none_match=tag)).status == 200


@pytest.mark.parametrize(
    ("asked", "status", "body", "part"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("bytes=4-2", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
        ("bytes=" + "9" * 5000 + "-", 200, b"0123456789", None),
    ],
)
async def test_one_part_may_be_asked_for(
    files: StaticFiles, asked: str, status: int, body: bytes, part: str | None
) -> None:
    answer = await call(files, files.url("plain.txt"), range=asked)
    assert (answer.status, answer.body, answer.headers.get("content-range")) == (status, body, part)


async def test_a_part_of_an_older_version_is_not_sent(files: StaticFiles) -> None:
    answer = await call(files, files.url("plain.txt"), range="bytes=2-4", if_range='"older"')
    assert (answer.status, answer.body) == (200, b"0123456789")


async def test_head_sends_the_length_and_no_body(files: StaticFiles) -> None:
    answer = await call(files, files.url("plain.txt"), "HEAD")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "10")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_nothing_but_reading_is_allowed(files: StaticFiles, method: str) -> None:
    answer = await call(files, files.url("plain.txt"), method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "name",
    [
        *("missing.txt", "../outside.txt", "css/../../outside.txt", "css//a.css", "/etc/passwd", ".secret"),
        *("css", "css/..", "a\0b", "..\\outside.txt", "", "vendor/.stamp", "x" * 5000),
    ],
)
async def test_what_is_not_there_or_not_meant_for_browsers_is_404(files: StaticFiles, name: str) -> None:
    assert (await call(files, f"/static/{files.build_id}/{name}")).status == 404


async def test_a_link_out_of_the_folder_is_404(files: StaticFiles, portal: Path) -> None:
    (portal / "link.txt").symlink_to(portal.parent / "outside.txt")
    assert (await call(files, files.url("link.txt"))).status == 404


def test_the_build_id_follows_the_content(portal: Path) -> None:
    before = StaticFiles([portal]).build_id
    assert StaticFiles([portal]).build_id == before
    assert StaticFiles([portal], icons="<svg>1</svg>").build_id != before
    write(portal, "css/a.css", "@layer a {}")
    assert StaticFiles([portal]).build_id != before


def test_third_party_files_that_are_not_prepared_are_named(portal: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'P403 .*"other/other\.js".*portal\.web\.assets'):
        StaticFiles([portal]).vendor("other/other.js")

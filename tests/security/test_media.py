"""No spelling of an address leads to what is not to be handed out, and no answer carries a cookie."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from litestar import Litestar

from portal.models.file import StoredFile
from portal.uploads.keys import copy_key, new_key
from portal.web.media import is_servable
from portal.web.site import Site
from tests.security.conftest import Browser

pytestmark = pytest.mark.anyio

SECRET = b"secret bytes"
KEY = "2026/11/21/" + "0f" * 16 + ".webp"

ODD = [
    "",
    ".",
    "..",
    "../secret.txt",
    "..%2fsecret.txt",
    "..%2Fsecret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "..%5csecret.txt",
    "..\\secret.txt",
    "%2e%2e%5csecret.txt",
    "..%c0%afsecret.txt",
    "..%e0%80%afsecret.txt",
    "..%ef%bc%8fsecret.txt",
    "....//secret.txt",
    "..;/secret.txt",
    "a/../../secret.txt",
    "a/%2e%2e/%2e%2e/secret.txt",
    "%2fetc/passwd",
    "//etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:%5cWindows%5cwin.ini",
    "C:/Windows/win.ini",
    "%5c%5chost%5cshare",
    "~/secret.txt",
    "~root/.ssh/id_rsa",
    ".hidden",
    ".incoming/a/1",
    "%2eincoming/a/1",
    "a/.hidden",
    "a/.hidden/b.webp",
    "incoming",
    "incoming/",
    "incoming/big.zip",
    "Incoming/big.zip",
    "INCOMING/big.zip",
    "incoming%2fbig.zip",
    "%69ncoming/big.zip",
    "./incoming/big.zip",
    "x/../incoming/big.zip",
    "incoming//big.zip",
    "half.webp.part",
    "half.webp.PART",
    "half.webp%2epart",
    "half.webp.part/",
    f"{KEY}%00",
    f"{KEY}%00.png",
    f"{KEY}%0a",
    f"{KEY}%0d%0aSet-Cookie:a=b",
    f"{KEY}%09",
    f"{KEY}%7f",
    f"{KEY}%c2%80",
    f"{KEY}%e2%80%ae",
    f"{KEY}%ed%a0%80",
    f"{KEY}%ff",
    f"{KEY}~",
    f"{KEY}.",
    f"{KEY}%20",
    f"{KEY};a=b",
    f"{KEY}::$DATA",
    f"{KEY}/a",
    KEY.upper(),
    KEY.replace("/", "%5c"),
    KEY.rpartition(".")[0],
    KEY.rpartition(".")[0] + ".",
    KEY.rpartition(".")[0] + ".png",
    KEY.rpartition(".")[0] + ".%25.webp",
    copy_key(KEY, "huge"),
    copy_key(KEY, "THUMB"),
    copy_key(KEY, "..%2fthumb"),
    copy_key(KEY, "thumb%00"),
    copy_key(KEY, "thumb") + ".webp",
    copy_key(KEY, "__class__"),
    copy_key(KEY, "a" * 40),
    "2026/11/21/" + "1e" * 16 + ".webp",
    "2026/11/21/" + "1e" * 16 + ".webp'--",
    "'%20OR%20'1'='1",
    "%25",
    "%",
    "*",
    "a" * 300,
    "a/" * 2000,
    "%e5" * 90,
    "a" * 7000,
]


@pytest.fixture
async def stored(site: Site, tmp_path: Path) -> AsyncIterator[Path]:
    """A public picture, and around it what nobody may have."""
    folder = Path(site.settings.storage_url.removeprefix("local:"))
    outside = folder.parent / "secret.txt"
    for path in (
        outside,
        folder / ".hidden",
        folder / "a" / ".hidden",
        folder / ".incoming" / "a" / "1",
        folder / "incoming" / "big.zip",
        folder / "Incoming" / "big.zip",
        folder / "half.webp.part",
        folder / copy_key(KEY, "huge"),
        folder / (KEY.rpartition(".")[0] + ".png"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(SECRET)
    (folder / KEY).write_bytes(b"picture")
    (folder / copy_key(KEY, "thumb")).write_bytes(b"small")
    await keep(site, KEY, sizes={"thumb": [1, 1, 5]})
    yield folder
    outside.unlink()


async def keep(site: Site, key: str, **values: Any) -> None:
    values = {"kind": "image", "media_type": "image/webp", "size": 7, "original_name": "tea.webp", **values}
    async with site.database.write() as session:
        session.add(StoredFile(key=key, sha256="0" * 64, **values))
        await session.commit()


@pytest.mark.parametrize("errors", ["replace", "surrogateescape"])
async def test_odd_names_lead_to_nothing(
    stored: Path, product: Litestar, open_browser: Callable[..., Browser], errors: str
) -> None:
    async with open_browser() as maria:
        await maria.sign_in()
        cookies = "; ".join(f"{name}={value}" for name, value in maria.cookies.items())
        for name in ODD:
            for headers in ([], [(b"cookie", cookies.encode())]):
                status, content = await ask(product, name, errors, headers)
                assert status in {303, 400, 404, 414} - ({303} if headers else set()), name
                assert SECRET not in content and b"root:" not in content, name


async def ask(app: Any, name: str, errors: str, headers: Sequence[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    """Status and body, for a name no client has tidied up beforehand."""
    raw = f"/media/{name}"
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(raw, errors=errors),
        "raw_path": raw.encode(),
        "root_path": "",
        "query_string": b"",
        "client": ("192.0.2.1", 4711),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), *headers],
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_what_lies_there_without_a_record_is_for_people_signed_in(
    stored: Path, visitor: Browser, open_browser: Callable[..., Browser]
) -> None:
    (stored / "page.html").write_text("<script>alert(1)</script>")
    address = "/sign-in?next=/media/page.html"
    assert (await visitor.get("/media/page.html")).headers["location"] == address
    assert (await visitor.get("/media/missing.html")).headers["location"] == address.replace("page", "missing")
    async with open_browser() as maria:
        await maria.sign_in()
        answer = await maria.get("/media/page.html")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["cache-control"] == "private, no-cache"
        assert (await maria.get("/media/missing.html")).status_code == 404


async def test_answer_carries_no_cookie(stored: Path, open_browser: Callable[..., Browser]) -> None:
    async with open_browser() as visitor, open_browser() as maria:
        await maria.sign_in()
        for browser in (visitor, maria):
            for name, status in ((KEY, 200), (copy_key(KEY, "thumb"), 200), (copy_key(KEY, "large"), 404)):
                for method in ("GET", "HEAD"):
                    answer = await browser.request(method, f"/media/{name}")
                    assert answer.status_code == status, (method, name)
                    assert "set-cookie" not in answer.headers
            answer = await browser.get(f"/media/{KEY}", headers={"Range": "bytes=0-1"})
            assert (answer.status_code, answer.content) == (206, b"pi")
            assert "set-cookie" not in answer.headers
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_file_is_not_changed_by_its_address(stored: Path, visitor: Browser) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await visitor.request(method, f"/media/{KEY}")
        assert answer.status_code == 405, method
    assert (stored / KEY).read_bytes() == b"picture"


async def test_page_stored_as_anything_stays_a_download(
    stored: Path, site: Site, open_browser: Callable[..., Browser]
) -> None:
    key = new_key("zip")
    (stored / key).parent.mkdir(parents=True, exist_ok=True)
    (stored / key).write_bytes(b"<script>alert(1)</script>")
    await keep(site, key, kind="file", media_type="application/zip", size=25, original_name="a.html\r\nX: y")
    async with open_browser() as visitor:
        headers = (await visitor.get(f"/media/{key}")).headers
        assert headers["content-type"] == "application/zip" and "x" not in headers
        assert headers["content-disposition"] == "attachment; filename*=UTF-8''a.html%0D%0AX%3A%20y"


@pytest.mark.parametrize(
    "name", ["a.webp", "starter/covers/03.webp", "图 1.svg", KEY, copy_key(KEY, "thumb"), "incoming.webp"]
)
def test_plain_names_may_be_asked_for(name: str) -> None:
    assert is_servable(name)

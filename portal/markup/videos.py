"""Films on other sites: stored as a link, shown in a frame on the public page and nowhere else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Host:
    """A site for films: where its pages and players are, and how its films are called."""

    pages: tuple[str, ...]
    """`<id>` stands for the film; tried against host and path, without the scheme."""
    parameter: tuple[str, str, str] | None
    """Host, path and parameter where the name stands in the query."""
    id: str
    page: str
    player: str


HOSTS: dict[str, Host] = {
    "www.bilibili.com": Host(
        ("(?:www|m)\\.bilibili\\.com/video/<id>/?",),
        ("player.bilibili.com", "/player.html", "bvid"),
        "BV[0-9A-Za-z]{10}",
        "https://www.bilibili.com/video/{}",
        "https://player.bilibili.com/player.html?bvid={}&autoplay=0",
    ),
    "v.qq.com": Host(
        ("v\\.qq\\.com/x/page/<id>\\.html", "v\\.qq\\.com/x/cover/[a-z0-9]{5,20}/<id>\\.html"),
        ("v.qq.com", "/txp/iframe/player.html", "vid"),
        "[a-z0-9]{8,15}",
        "https://v.qq.com/x/page/{}.html",
        "https://v.qq.com/txp/iframe/player.html?vid={}",
    ),
    "v.youku.com": Host(
        ("v\\.youku\\.com/v_show/id_<id>\\.html", "player\\.youku\\.com/embed/<id>"),
        None,
        "X[0-9A-Za-z]{8,20}={0,2}",
        "https://v.youku.com/v_show/id_{}.html",
        "https://player.youku.com/embed/{}",
    ),
    "www.youtube.com": Host(
        ("youtu\\.be/<id>", "www\\.youtube(?:-nocookie)?\\.com/embed/<id>"),
        ("www.youtube.com", "/watch", "v"),
        "[0-9A-Za-z_-]{11}",
        "https://www.youtube.com/watch?v={}",
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    "vimeo.com": Host(
        ("(?:www\\.)?vimeo\\.com/<id>", "player\\.vimeo\\.com/video/<id>"),
        None,
        "[0-9]{6,12}",
        "https://vimeo.com/{}",
        "https://player.vimeo.com/video/{}",
    ),
}


@dataclass(frozen=True)
class Video:
    host: str
    id: str

    @property
    def page(self) -> str:
        return HOSTS[self.host].page.format(self.id)

    @property
    def player(self) -> str:
        return HOSTS[self.host].player.format(self.id)


def video_of(address: str, hosts: Iterable[str] = tuple(HOSTS)) -> Video | None:
    """The film an address of a page or a player leads to, on one of these hosts."""
    try:
        parts = urlsplit("https:" + address if address.startswith("//") else address)
        query = parse_qs(parts.query, max_num_fields=20)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    for name in hosts:
        host = HOSTS.get(name)
        found = host and _id(host, parts.netloc.lower(), parts.path, query)
        if found:
            return Video(name, found)
    return None


def _id(host: Host, netloc: str, path: str, query: dict[str, list[str]]) -> str | None:
    for pattern in host.pages:
        if found := re.fullmatch(pattern.replace("<id>", f"({host.id})"), netloc + path, re.ASCII):
            return found[1]
    if host.parameter and host.parameter[:2] == (netloc, path):
        sent = query.get(host.parameter[2], [""])[0]
        return sent if re.fullmatch(host.id, sent, re.ASCII) else None
    return None


def video_frame_sources(hosts: Iterable[str]) -> str:
    """The origins of these hosts' players, for `frame-src`."""
    players = (urlsplit(HOSTS[name].player) for name in hosts if name in HOSTS)
    return " ".join(sorted({f"{player.scheme}://{player.netloc}" for player in players})) or "'none'"

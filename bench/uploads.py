"""`python -m bench.uploads`: a picture's way in beside bare Pillow, lists beside uploads, the memory big files take."""

import argparse
import asyncio
import os
import platform
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.photo import Steps, bare, draw, steps
from bench.report import UPLOADS, keep_uploads
from bench.traffic import AT_ONCE, Lists, Memory, big_files, lists_beside_uploads
from portal.db.engine import Database
from portal.db.migrate import upgrade
from portal.settings import Settings
from portal.uploads.rules import MEGA, picture_rules
from portal.uploads.service import Uploads
from tests.e2e.server import Server

INTRODUCTION = """
`python -m bench.uploads --write` measures these anew. Steps are processor time, all processes together, the network
left out; lists and memory are those of a real server. Pillow alone turns the picture, writes it anew and makes the same
four copies, in one process that believes everything.
"""
ROUNDS = 7
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Way:
    """One picture's way in; seconds."""

    steps: Steps
    whole: float
    """Processor time of the portal and its picture process."""
    bare: float
    waited: float
    """What the sender waits, the network left out."""


@dataclass(frozen=True)
class UploadFigures:
    """All that is measured of uploads."""

    way: Way
    lists: Lists
    memory: Memory
    busy: float
    """The machine's load before."""


async def measure_uploads() -> UploadFigures:
    """All figures of uploads."""
    busy = os.getloadavg()[0]
    with TemporaryDirectory(prefix="fastor-bench-") as name:
        folder = Path(name)
        photo = folder / "photo.jpg"
        await asyncio.to_thread(draw, photo)
        print("Uploads: one picture", flush=True)
        way = await _way(photo, folder)
        server = Server(folder)
        for command in (["db", "upgrade"], ["seed"]):
            await asyncio.to_thread(server.command, *command)
        with server:
            print("Uploads: big files", flush=True)
            memory = await asyncio.to_thread(big_files, server)
            print("Uploads: beside other pages", flush=True)
            lists = await asyncio.to_thread(lists_beside_uploads, server, photo)
    return UploadFigures(way, lists, memory, busy)


async def _way(photo: Path, folder: Path) -> Way:
    """The whole path and bare Pillow take turns; the median of the rounds counts."""
    settings = Settings(secret="s" * 40, var=folder / "alone")
    settings.var.mkdir()
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database(settings.database_url)
    uploads = Uploads.open(database, settings)
    stepped: list[Steps] = []
    whole, alone, waited = [], [], []
    for turn in range(ROUNDS + 1):
        began, spent = time.monotonic(), _spent()
        async with uploads.workshop() as workshop:
            with photo.open("rb") as sent:
                path = await uploads.receive(sent, workshop / "received", picture_rules())
            await uploads.add(path, "photo.jpg", picture_rules(), owner="bench")
        if turn:  # the first starts the process
            waited.append(time.monotonic() - began)
            whole.append(_spent() - spent)
        began = time.process_time()
        await asyncio.to_thread(bare, photo, folder)
        alone.append(time.process_time() - began)
        stepped.append(await asyncio.to_thread(steps, photo, folder))
    await uploads.close()
    await database.dispose()
    middle = {name: statistics.median(one[name] for one in stepped) for name in stepped[0]}
    spent = statistics.median(whole)
    middle["receive, store, write down"] = max(0.0, spent - sum(middle.values()))
    return Way(middle, spent, statistics.median(alone), statistics.median(waited))


def _spent() -> float:
    """Processor seconds of this process and those it has started."""
    found = time.process_time()
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            found += (int(fields[11]) + int(fields[12])) / TICKS
    return found


def report(found: UploadFigures) -> str:
    """The chapter on uploads."""
    way, lists, memory = found.way, found.lists, found.memory
    return "\n".join(
        [
            UPLOADS,
            INTRODUCTION,
            f"Measured on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; the load "
            f"average was {found.busy:.1f} before.",
            "",
            "### One photograph of twelve million pixels",
            "",
            "| step | ms |",
            "|---|---:|",
            *[f"| {name} | {seconds * 1000:.0f} |" for name, seconds in way.steps.items()],
            f"| **the whole way** | **{way.whole * 1000:.0f}** |",
            f"| Pillow alone | {way.bare * 1000:.0f} |",
            "",
            f"The whole way costs {way.whole / way.bare:.2f} × Pillow alone. Whoever sends it waits "
            f"{way.waited:.1f} s for it, the network left out.",
            "",
            "### Beside other pages",
            "",
            "| list of articles, 95th percentile | ms |",
            "|---|---:|",
            f"| alone | {lists.idle * 1000:.0f} |",
            f"| while {AT_ONCE} such photographs are being taken in | {lists.busy * 1000:.0f} |",
            "",
            f"That is {lists.busy / lists.idle:.2f} ×; {lists.taken} photographs were taken in meanwhile.",
            "",
            "### Memory of the server",
            "",
            f"| {memory.size / MEGA:.0f} MB | grows by, in MB |",
            "|---|---:|",
            f"| taken in, in parts | {memory.incoming / MEGA:.1f} |",
            f"| handed out | {memory.outgoing / MEGA:.1f} |",
            "",
        ]
    )


def main() -> int:
    """Measure, print, and keep the result if asked to."""
    parser = argparse.ArgumentParser(prog="bench.uploads", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    options = parser.parse_args()
    result = report(asyncio.run(measure_uploads()))
    print(result)
    if options.write:
        keep_uploads(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())

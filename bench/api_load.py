"""The load: wrk, which keeps its connections open and takes a small part of one core."""

import subprocess
from pathlib import Path

import msgspec

SCRIPT = Path(__file__).with_name("api_load.lua")


class Load(msgspec.Struct):
    """What a round of calls took; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def load(url: str, token: str, *, connections: int, seconds: float) -> Load:
    """Ask for one address again and again, each connection as soon as it has its answer."""
    command = [
        "wrk",
        "--threads=1",
        f"--connections={connections}",
        f"--duration={max(1, round(seconds))}s",
        "--timeout=20s",
        f"--header=Authorization: Bearer {token}",
        f"--script={SCRIPT}",
        url,
    ]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError as error:
        raise SystemExit("The load comes from wrk, which is not here: apt install wrk") from error
    return msgspec.json.decode(said.strip().splitlines()[-1], type=Load)

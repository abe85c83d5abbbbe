"""Servers that speak S3, started for the tests on ports of their own: moto, and SeaweedFS, a real one."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

IDENTITY, SECRET, BUCKET = "identity", "a-secret/with+signs", "files"
WRITTEN_SECRET = "a-secret%2Fwith%2Bsigns"
PATIENCE = 30


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """Its host and port, with the bucket made."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        make_bucket(f"{host}:{port}")
        yield f"{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its host and port, with the bucket made."""
    program = Path(sys.executable).with_name("weed")
    if not program.exists():
        pytest.fail(f"{program} is not there: it comes with the development packages.")
    with started(program, tmp_path_factory.mktemp("seaweed")) as host:
        make_bucket(host)
        yield host


@contextmanager
def started(program: Path, folder: Path) -> Iterator[str]:
    with ExitStack() as held:
        ports = [str(held.enter_context(free_port())) for _port in range(9)]
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
    names = (*names, "s3.port", "s3.port.grpc", "iam.port")
    host = f"127.0.0.1:{ports[6]}"
    config = folder / "s3.json"
    config.write_text(
        json.dumps(
            {
                "identities": [
                    {
                        "name": "portal",
                        "credentials": [{"accessKey": IDENTITY, "secretKey": SECRET}],
                        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                    }
                ]
            }
        )
    )
    command = [
        str(program),
        "server",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-s3",
        f"-s3.config={config}",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=32",
        "-volume.max=400",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-filer.localSocket={folder / 'filer.sock'}",
        *(f"-{name}={port}" for name, port in zip(names, ports, strict=True)),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_for(process, host, folder / "log")
        yield host
    finally:
        process.kill()  # its end in peace takes ten seconds, and nothing of it is kept
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(process: "subprocess.Popen[bytes]", host: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://{host}/healthz", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"SeaweedFS does not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def free_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener.getsockname()[1]


def make_bucket(host: str, bucket: str = BUCKET, origins: Sequence[str] = ()) -> None:
    """SeaweedFS answers a little before it can make one."""
    session = boto3.session.Session(IDENTITY, SECRET, region_name="us-east-1")
    client = session.client("s3", endpoint_url=f"http://{host}")
    deadline = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                with suppress(client.exceptions.BucketAlreadyOwnedByYou):  # by the try before
                    client.create_bucket(Bucket=bucket)
                client.put_object(Bucket=bucket, Key="ready", Body=b"yes")
                client.delete_object(Bucket=bucket, Key="ready")
                if origins:
                    rule = {"AllowedOrigins": origins, "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["*"]}
                    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
                return
            except client.exceptions.ClientError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)
    finally:
        client.close()


def bucket_url(host: str, *, secret: str = WRITTEN_SECRET, bucket: str = BUCKET, options: str = "signed=1") -> str:
    return f"minio://{IDENTITY}:{secret}@{host}/{bucket}?{options}"

"""Messages handed over by LMTP on many connections to two listeners, the floor's and the product's, in turns.

`python -m bench.handover PORT` is one listener of the floor; `python -m bench.handover PORT COUNT` is the sender.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE

from bench.take import message, parse_and_commit
from cert_portal import config
from cert_portal.app import create_app
from cert_portal.core.db import start_writing
from cert_portal.core.mail import lmtp
from tests.servers import free_port, is_open, wait_until

HOST, CONNECTIONS, COUNT = "127.0.0.1", 32, 1600


def rates() -> tuple[float, float]:
    """Messages a second that two listeners take from 32 connections: the floor's, the product's."""
    port, other = free_port(), free_port()
    floor = [[sys.executable, "-m", "bench.handover", str(port)]] * 2
    product = [[sys.executable, "-m", "cert_portal", "mail", "listen", "--lmtp", f"{HOST}:{other}", "-n", "2"]]
    return _rate(port, floor), _rate(other, product)


def _rate(port: int, commands: list[list[str]]) -> float:
    listeners = [subprocess.Popen(each, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in commands]
    try:
        wait_until(lambda: is_open(port), "the listener")
        time.sleep(2)  # the second one as well
        told = subprocess.run(
            [sys.executable, "-m", "bench.handover", str(port), str(COUNT)], stdout=PIPE, text=True, check=True
        )
        return COUNT / float(told.stdout)
    finally:
        for each in listeners:
            each.terminate()
            each.wait()


def send(port: int, raws: list[bytes]) -> int:
    """Hand messages over on one connection; answers how many were kept."""
    kept = 0
    with socket.create_connection((HOST, port)) as line, line.makefile("rb") as said:

        def ask(words: bytes = b"") -> bytes:
            line.sendall(words)
            answer = said.readline()
            while answer[3:4] == b"-":
                answer = said.readline()
            return answer

        ask()
        ask(b"LHLO bench\r\n")
        for raw in raws:
            ask(b"MAIL FROM:<ann@shop.example>\r\n")
            ask(b"RCPT TO:<report@portal.example>\r\n")
            ask(b"DATA\r\n")
            kept += ask(raw + b"\r\n.\r\n").startswith(b"250")
    return kept


def main() -> None:
    """Listen as the floor does, or send and tell the seconds."""
    port = int(sys.argv[1])
    if len(sys.argv) == 2:
        asyncio.run(_listen(port))
        return
    count = int(sys.argv[2])
    raws = [message(n, 12_000, alike=False).replace(b"\n", b"\r\n") for n in range(count)]
    raws = [raw.replace(b"<bench", b"<%d-" % port) for raw in raws]
    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as connections:
        kept = sum(connections.map(lambda n: send(port, raws[n::CONNECTIONS]), range(CONNECTIONS)))
    assert kept == count, kept
    print(time.perf_counter() - begun)


async def _listen(port: int) -> None:
    app = create_app(config.load(os.environ))

    def take(raw: bytes, _recipients: list[str]) -> None:
        with app.app_context():
            start_writing()
            parse_and_commit(raw)

    server = await lmtp.listen(HOST, port, take, beside_others=True)
    await server.serve_forever()


if __name__ == "__main__":
    main()

"""The door for a local mail server that hands messages over itself (LMTP, RFC 2033)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

log = structlog.get_logger(__name__)

LONGEST_LINE = 10_000_000
LARGEST = 200_000_000
"""Bytes. A message between this and MESSAGE_MEGABYTES is kept and set aside; a larger one is refused to its sender."""

Take = Callable[[bytes, list[str]], None]
"""Keeps a message for these recipients. Raises OSError when it cannot be kept: the sender tries again later."""


class _Conversation(LMTP):
    line_length_limit = LONGEST_LINE


class _Handler:
    def __init__(self, take: Take, threads: int) -> None:
        self._take = take
        self._pool = ThreadPoolExecutor(threads)

    async def handle_RCPT(
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)  # whoever it is for: the default mailbox takes it
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        lines = [f"Return-Path: <{(envelope.mail_from or '').strip('<>')}>"]
        lines += [f"Delivered-To: {address}" for address in envelope.rcpt_tos]  # a bounce may name its letter only here
        head = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
        work = partial(self._take, head + content, list(envelope.rcpt_tos))
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except OSError as error:
            log.warning("message_put_off", error=str(error))
            return self._each(envelope, "452 4.3.1 cannot be kept now, try again later")
        return self._each(envelope, "250 2.0.0 kept")

    @staticmethod
    def _each(envelope: Envelope, reply: str) -> str:
        return "\r\n".join(reply for _ in envelope.rcpt_tos)  # one for every recipient (RFC 2033, section 4.2)


async def listen(host: str, port: int, take: Take, threads: int = 16, *, beside_others: bool = False) -> asyncio.Server:
    """Begin to listen; answers the server, which is closed like any other of asyncio.

    `threads`: how many messages are taken at the same time. `beside_others`: several processes share the port, each
    gets a part of the connections.
    """
    handler: Any = _Handler(take, threads)
    begin = partial(_Conversation, handler, hostname="portal", data_size_limit=LARGEST, enable_SMTPUTF8=True)
    return await asyncio.get_running_loop().create_server(begin, host, port, reuse_port=beside_others or None)

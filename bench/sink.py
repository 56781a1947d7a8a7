"""A mail server that takes everything at once and keeps nothing: the least that a receiver can cost. Argument: port."""

from __future__ import annotations

import asyncio
import sys


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One SMTP conversation."""
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"DATA":
            writer.write(b"354 go on\r\n")
            while await reader.readline() not in (b".\r\n", b""):
                pass
        writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
        await writer.drain()
        if word == b"QUIT":
            break
    writer.close()


async def main() -> None:
    """Listen until ended."""
    async with await asyncio.start_server(talk, "127.0.0.1", int(sys.argv[1])) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

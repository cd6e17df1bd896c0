"""A tar pit: takes every connection and every byte, and never answers."""

import asyncio
import sys


async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the other side has enough; only `/taken` is answered, to see that we are there."""
    if b"/taken" in await reader.readline():
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n0")
        await writer.drain()
        writer.close()
        return
    while await reader.read(65536):
        pass
    writer.close()


async def main(port: int) -> None:
    """Until killed."""
    async with await asyncio.start_server(hold, "127.0.0.1", port) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

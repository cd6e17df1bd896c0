"""A foreign server that serves its actors and takes whatever is posted, as cheaply as can be."""

import asyncio
import sys
from pathlib import Path
from typing import cast

import orjson
import uvloop

from federation.keys import KeyPair, make

FOLLOWERS = 500


class Sink(asyncio.Protocol):
    """Answers 202 to each POST, and each GET of /u/N with an actor's document."""

    taken = 0

    def __init__(self, origin: str, pair: KeyPair) -> None:
        self.origin = origin
        self.pair = pair
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.split(b"\r\n")[1:]:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        assert self.transport is not None
        method, path = head.split(b" ", 2)[:2]
        if method == b"POST":
            Sink.taken += 1
            self.transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            return
        if path == b"/taken":
            body, kind = str(Sink.taken).encode(), b"text/plain"
        else:
            body = orjson.dumps(actor(self.origin, path.decode(), self.pair))
            kind = b"application/activity+json"
        head_ = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        self.transport.write(head_ % (kind, len(body)) + body)


def actor(origin: str, path: str, pair: KeyPair) -> dict[str, object]:
    """A Person with an inbox of its own and no shared one."""
    uri = origin + path
    rsa = {"id": uri + "#main-key", "owner": uri, "publicKeyPem": pair.rsa_public}
    multikey = {
        "id": uri + "#ed25519-key",
        "type": "Multikey",
        "controller": uri,
        "publicKeyMultibase": pair.ed25519_public,
    }
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri,
        "type": "Person",
        "preferredUsername": path.rsplit("/", 1)[-1],
        "inbox": uri + "/inbox",
        "outbox": uri + "/outbox",
        "followers": uri + "/followers",
        "publicKey": rsa,
        "assertionMethod": [multikey],
    }


async def main(port: int, key_file: str) -> None:
    """Until killed; the private keys that sign for all its actors go into `key_file`, and into
    one of that name with `.ed25519`."""
    pair = make()
    Path(key_file + ".ed25519").write_bytes(pair.ed25519_private)
    Path(key_file).write_text(pair.rsa_private)
    loop = asyncio.get_running_loop()
    origin = f"http://sink.localhost:{port}"
    server = await loop.create_server(lambda: Sink(origin, pair), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))

"""Writes the bytes of a request into a content file as they come in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio.to_thread

from emulator.storage.contents import ContentWriter

ALIGNMENT_BYTES = 256 * 1024  # resumable uploads keep multiples of this until the last chunk
_FLUSH_BYTES = 4 * ALIGNMENT_BYTES


async def receive(chunks: AsyncIterator[bytes], writer: ContentWriter) -> bytes:
    """Write multiples of 256 KiB to `writer` and return the rest, shorter than that, which is not yet written.

    When `chunks` raises (the client went away), what had come is written so far as it makes a multiple.
    """
    buffer = bytearray()
    try:
        async for chunk in chunks:
            buffer += chunk
            if len(buffer) >= _FLUSH_BYTES:
                await _flush(buffer, writer)
    finally:
        with anyio.CancelScope(shield=True):
            await _flush(buffer, writer)
    return bytes(buffer)


async def _flush(buffer: bytearray, writer: ContentWriter) -> None:
    ready = len(buffer) - len(buffer) % ALIGNMENT_BYTES
    if ready:
        data = bytes(buffer[:ready])
        del buffer[:ready]
        await anyio.to_thread.run_sync(writer.append, data)

"""Files read in pieces: those that are compressed with gzip, xz or zstd as plain bytes; and their checksum.

What reads them is loaded where one is read: many managers' modules import this, and it takes 10 ms to load.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

CHUNK: Final = 1 << 18
MAGIC: Final = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
"""First bytes of the supported compressions: RFC 1952, the xz file format, RFC 8878."""


def unpacked_chunks(file: IO[bytes], size: int = CHUNK) -> Generator[bytes, None, None]:
    """Yield the file from its start, decompressed; one that is not compressed as it is.

    Raise one of `damage_errors` for a file that is damaged or incomplete.
    """
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    match next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None):
        case "gz":
            import gzip

            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from chunks(cast("IO[bytes]", unpacked), size)
        case "xz":
            import lzma

            with lzma.LZMAFile(file) as unpacked:
                yield from chunks(unpacked, size)
        case "zst":
            yield from _zstd_chunks(file, size)
        case _:
            yield from chunks(file, size)


def chunks(file: IO[bytes], size: int = CHUNK) -> Iterator[bytes]:
    """Yield the rest of a file in pieces of at most `size` bytes."""
    while chunk := file.read(size):
        yield chunk


def digest_of(file: IO[bytes]) -> tuple[str, int]:
    """Return the SHA-256 of the rest of a file, in hexadecimal, and its bytes."""
    from hashlib import sha256

    digest, size = sha256(), 0
    for chunk in chunks(file):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _zstd_chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the content of the file's frames; zstandard's own reader accepts an incomplete file."""
    new_decoder, _ = _zstd()
    decoder = None
    for data in chunks(file, size):
        rest = data
        while rest:
            decoder = decoder or new_decoder()
            if unpacked := decoder.decompress(rest):
                yield unpacked
            rest = decoder.unused_data if decoder.eof else b""
            decoder = None if decoder.eof else decoder
    if decoder is not None:
        message = "the last frame is incomplete"
        raise EOFError(message)


def _zstd() -> tuple[Callable[[], Any], type[Exception]]:
    """Return a factory of decoders for one frame, and their error: the standard library's since Python 3.14."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError
    return zstd.ZstdDecompressor, zstd.ZstdError


def damage_errors() -> tuple[type[Exception], ...]:
    """Return the errors of a damaged or incomplete file of any compression, and of one that is not a tar."""
    import lzma
    import tarfile
    import zlib

    return (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, _zstd()[1])

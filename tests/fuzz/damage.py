"""Damages valid files and texts: flipped bits, cuts, repeated and swapped pieces, other encodings, byte order marks."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00")
_ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "cp1252", "cp037", "utf-7")
# Pieces that mean something in CSV, TOML or SQL.
SIGNS = (
    b'"', b"'", b"\n", b"\r", b"\r\n", b",", b";", b"\t", b"\0", b'""', b"\\", b"\x1a", b"\xc2\x85", b"\xe2\x80\xa8",
    b"\xff", b"\xed\xa0\x80", b"[", b"]", b"{", b"}", b"=", b"#", b" ", b"$", b"^", b"*", b"(", b")", b"--", b"/*",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, contents: Sequence[bytes], signs: Sequence[bytes] = SIGNS, most: int = 6) -> bytes:
    """One of the contents with up to `most` damages."""
    content = bytearray(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(0, most))):
        way = draw(st.integers(0, 8))
        place = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from((1, 2, 3, 8, 40, 400)))
        _damage(draw, content, way, place, length, signs)
        if len(content) > 2**18:
            break
    if draw(st.integers(0, 19)) == 0:
        return _encode_again(bytes(content), draw(st.sampled_from(_ENCODINGS)))
    return bytes(content)


def _damage(draw: st.DrawFn, content: bytearray, way: int, place: int, length: int, signs: Sequence[bytes]) -> None:
    if way == 0 and content:
        content[place % len(content)] ^= 1 << draw(st.integers(0, 7))
    elif way == 1:
        del content[place : place + length]
    elif way == 2:
        del content[place:]
    elif way == 3:
        content[place:place] = content[place : place + length] * draw(st.sampled_from((1, 2, 50)))
    elif way in (4, 5):
        content[place:place] = draw(st.sampled_from(signs)) * draw(st.sampled_from((1, 1, 1, 2, 3000)))
    elif way == 6:
        # Every occurrence of one sign becomes another, as with a wrong delimiter or line end.
        old, new = draw(st.sampled_from(signs)), draw(st.sampled_from(signs))
        content[:] = content.replace(old, new, draw(st.sampled_from((-1, 1, 3))))
    elif way == 7:
        content[:0] = draw(st.sampled_from(_MARKS))
    else:
        content[place : place + length] = draw(st.binary(max_size=8))


def _encode_again(content: bytes, encoding: str) -> bytes:
    return content.decode("latin-1").encode(encoding, "replace")


@st.composite
def damaged_archives(draw: st.DrawFn, archives: Sequence[bytes]) -> bytes:
    """A ZIP archive, such as a workbook, with one member damaged and packed again, or damaged as it is."""
    content = draw(st.sampled_from(archives))
    if draw(st.integers(0, 3)) == 0:
        return draw(damaged([content]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    members[name] = draw(damaged([members[name]]))
    return build_zip(members)


@st.composite
def packed(draw: st.DrawFn, contents: st.SearchStrategy[bytes]) -> tuple[str, bytes]:
    """An archive of some content, with the ending of its name; sometimes damaged."""
    content = draw(contents)
    if draw(st.booleans()):
        ending, archive = "gz", gzip.compress(content, mtime=0)
    else:
        ending, archive = "zip", build_zip({"table.csv": content})
    return ending, draw(damaged([archive], most=2))


def build_zip(members: dict[str, bytes]) -> bytes:
    """Returns a ZIP archive of these members, always the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2023, 4, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and tables of leaves, one in another."""
    keys = st.sampled_from(("a", "file", "name", "*", "^a.*$", "CLIENTID", "é", ""))
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    )


def repack(archive: bytes) -> bytes:
    """Returns a workbook that is always the same, without the members that have the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        return build_zip({name: members.read(name) for name in members.namelist() if not name.startswith("docProps")})

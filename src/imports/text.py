"""How the text of a file is written down: UTF-8, or UTF-16 that says so, as spreadsheets save it."""

import codecs
from typing import Final

NOT_UTF_8: Final = "The file is not UTF-8 text. Save it again as CSV UTF-8."
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def encoding_of(head: bytes) -> str:
    """The encoding of a file that begins with these bytes."""
    return "utf-16" if head.startswith(_UTF_16) else "utf-8-sig"


def decode_head(head: bytes) -> str:
    """The text of a file's beginning, which may end within a character. Raises UnicodeDecodeError."""
    return codecs.getincrementaldecoder(encoding_of(head))().decode(head)

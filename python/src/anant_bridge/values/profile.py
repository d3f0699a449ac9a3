"""Numbers of the profile that encoder and decoder share (`docs/values.md`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

EXT_UNDEFINED: Final = 1
EXT_BIGINT: Final = 2
EXT_DATE: Final = 3
EXT_MAP: Final = 4
EXT_OBJECT_REF: Final = 5
EXT_BUFFER: Final = 16

DEPTH_MAX: Final = 128
"""Deepest nesting of containers. Deeper values are refused on both sides."""
BYTES_INLINE_MAX: Final = 4096
"""Byte strings of this length and longer travel out of band."""
SAFE_INTEGER_MAX: Final = 2**53 - 1
INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**64 - 1
DATE_MS_MAX: Final = 8_640_000_000_000_000
"""JavaScript's dates end this many milliseconds from 1970-01-01, either way."""

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)

DTYPES: Final = {
    code: np.dtype(f"<{code}") for code in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")
}
"""Element types by their name on the wire."""

"""Fixed columns: a header for every message, and a body that the header's code names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bank_gateway.asking import Verb
from bank_gateway.profile import Column, FixedColumns
from bank_gateway.wire.faults import FrameError


class FixedCodec:
    """Packs and reads the messages of one profile; the header's first column is the framing's."""

    def __init__(self, dialect: FixedColumns) -> None:
        """Keep the layouts."""
        self._dialect = dialect
        self._head = sum(one.width for one in dialect.header)

    def pack(self, verb: Verb, fields: Mapping[str, str]) -> bytes:
        """The bytes of an ask. Raises FrameError: a value that its column cannot hold."""
        columns = [*self._dialect.header, *self._dialect.bodies.get(verb, [])]
        return self._packed(columns, fields)

    def unpack(self, verb: Verb, raw: bytes) -> dict[str, str]:
        """The fields of the answer to an ask. Raises FrameError: it has another length."""
        columns = [*self._dialect.header, *self._dialect.answers.get(verb, [])]
        width = sum(one.width for one in columns)
        if len(raw) != width:
            raise FrameError(f"an answer to {verb} has {width} bytes, this one {len(raw)}")
        found, at = {}, 0
        for column in columns:
            cell, at = raw[at : at + column.width], at + column.width
            found[column.name] = self._text(column, cell)
        return found

    def covered(self, raw: bytes) -> bytes:
        """What the digest is over: the body."""
        return raw[self._head :]

    def _packed(self, columns: Sequence[Column], fields: Mapping[str, str]) -> bytes:
        made = b""
        for column in columns:
            cell = fields.get(column.name, "").encode(self._dialect.charset, errors="strict")
            if len(cell) > column.width:
                raise FrameError(f"{column.name}: longer than {column.width} bytes")
            fill = column.fill.encode()
            is_left = column.align == "left"
            made += cell.ljust(column.width, fill) if is_left else cell.rjust(column.width, fill)
        return made

    def _text(self, column: Column, cell: bytes) -> str:
        try:
            text = cell.decode(self._dialect.charset)
        except UnicodeDecodeError:
            raise FrameError(f"{column.name}: not in {self._dialect.charset}") from None
        if column.fill == "0":
            return text
        return text.rstrip(column.fill) if column.align == "left" else text.lstrip(column.fill)

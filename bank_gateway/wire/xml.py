"""XML of one level: a root, and an element for each field. No attributes, no entities, no types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from bank_gateway.profile import Xml
from bank_gateway.wire.faults import FrameError

FIELDS_MAX: Final = 64
_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]{0,100}\?>")


class XmlCodec:
    """Packs and reads the messages of one profile."""

    def __init__(self, dialect: Xml) -> None:
        """Keep the roots and the charset."""
        self._dialect = dialect
        self.charset = dialect.charset

    def pack(self, fields: Mapping[str, str]) -> bytes:
        """The bytes of an ask. Raises FrameError: a character that XML cannot hold."""
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        if not inner.isprintable():
            raise FrameError("a value with a character that cannot be shown")
        root, charset = self._dialect.request, self._dialect.charset
        head = f'<?xml version="1.0" encoding="{charset.upper()}"?>'
        return f"{head}<{root}>{inner}</{root}>".encode(charset)

    def unpack(self, raw: bytes) -> dict[str, str]:
        """The fields of an answer. Raises FrameError: not our XML, or more than that."""
        try:
            text = raw.decode(self._dialect.charset)
        except UnicodeDecodeError:
            raise FrameError(f"not in {self._dialect.charset}") from None
        # the charset is the profile's: what a declaration says of it is not believed
        return _Reader(self._dialect.response).read(_DECLARATION.sub("", text))


class _Reader:
    """Reads with expat and refuses whatever is more than elements with text."""

    def __init__(self, root: str) -> None:
        self._root, self._path, self._text = root, list[str](), ""
        self._found: dict[str, str] = {}
        self._parser = expat.ParserCreate(encoding="utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add
        self._parser.StartDoctypeDeclHandler = self._refuse_type
        self._parser.EntityDeclHandler = self._refuse_type
        self._parser.ProcessingInstructionHandler = self._refuse_type

    def read(self, text: str) -> dict[str, str]:
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            raise FrameError(f"no XML: {expat.ErrorString(error.code)}") from None
        except UnicodeEncodeError:
            raise FrameError("a character that is none") from None
        return self._found

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        if attributes or len(self._path) > 2:
            raise FrameError("an element has neither attributes nor elements in it")
        if len(self._path) == 1 and name != self._root:
            raise FrameError(f"the root is not {self._root}")
        if name in self._found and len(self._path) > 1:
            raise FrameError("an element stands twice")
        if len(self._found) >= FIELDS_MAX:
            raise FrameError(f"more than {FIELDS_MAX} elements")
        self._text = ""

    def _end(self, name: str) -> None:
        if len(self._path) > 1:
            self._found[name] = self._text
        self._path.pop()

    def _add(self, text: str) -> None:
        self._text += text

    def _refuse_type(self, *_: object) -> None:
        raise FrameError("document types, entities and instructions are not read")

"""What somebody is told who has just been let in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from backend.api.reading import Shape
from backend.api.told import At

WECHAT_CODE_LENGTH_MAX = 128
CODE_LENGTH_MAX = 24  # ten characters, however they were grouped

WechatCode = Annotated[str, Field(min_length=1, max_length=WECHAT_CODE_LENGTH_MAX)]
PaperCode = Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX)]


class WechatLoginShape(Shape):
    """The code of `wx.login`: it works once, for five minutes."""

    wechat_code: WechatCode


class SessionTold(TypedDict):
    """A session, shown once: it goes into `authorization: Bearer …`."""

    session: str
    expires_at: At


class InvitationTold(TypedDict):
    """A one-time code to hand out, shown once."""

    code: str
    expires_at: At

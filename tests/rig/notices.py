"""Notices as tests make them: sealed and signed as WeChat Pay would, or nearly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from backend.domain.wechat_pay import NoticeFault, NoticeRefusedError
from simulators.wechat_pay.keys import encrypt
from tests.rig.wechat_pay import V3_KEY, SimulatedPay

Headers = list[tuple[str, str]]
Reading = Callable[[Iterable[tuple[str, str]], bytes], object]
DAY_SECONDS = 86_400


def fault_of(read: Reading, headers: Iterable[tuple[str, str]], body: bytes) -> NoticeFault:
    with pytest.raises(NoticeRefusedError) as caught:
        read(headers, body)
    return caught.value.fault


def sealed(content: object, resource: dict[str, Any] | None = None, **envelope: Any) -> bytes:
    """A notice's body with the merchant's own key; what is given stands in place of the true."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    inner = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": encrypt(V3_KEY, plain, "0123456789ab", "transaction"),
        "associated_data": "transaction",
        "nonce": "0123456789ab",
    }
    outer = {
        "id": "1",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "resource": inner | (resource or {}),
    }
    return json.dumps(outer | envelope, ensure_ascii=False).encode()


def signed(pay: SimulatedPay, body: bytes, key_id: str = "", late_seconds: int = 0) -> Headers:
    at = pay.clock() - late_seconds
    return list(pay.sim.platform.headers(body, at, "n" * 32, key_id).items())

"""How WeChat Pay says no: an HTTP status, a code word, a sentence, sometimes details."""

from __future__ import annotations

from typing import Any, Final

SENTENCES: Final[dict[str, tuple[int, str]]] = {
    "PARAM_ERROR": (400, "参数错误"),
    "INVALID_REQUEST": (400, "无效请求"),
    "SIGN_ERROR": (401, "错误的签名，验签失败"),
    "NO_AUTH": (403, "商户无权限"),
    "APPID_MCHID_NOT_MATCH": (400, "appid和mch_id不匹配"),
    "MCH_NOT_EXISTS": (400, "商户号不存在"),
    "OUT_TRADE_NO_USED": (403, "商户订单号重复"),
    "ORDERPAID": (400, "该订单已支付"),
    "ORDER_CLOSED": (400, "该订单已关闭"),
    "ORDER_NOT_EXIST": (404, "订单不存在"),
    "RESOURCE_NOT_EXISTS": (404, "资源不存在"),
    "NOT_ENOUGH": (403, "基本账户余额不足，请充值后重新发起"),
    "FREQUENCY_LIMITED": (429, "频率限制"),
    "NO_STATEMENT_EXIST": (400, "账单文件不存在"),
    "STATEMENT_CREATING": (400, "账单正在生成中，请稍后再试"),
    "SYSTEM_ERROR": (500, "系统异常，请稍后重试"),
}


class PayError(Exception):
    """One such answer."""

    def __init__(self, code: str, message: str = "", detail: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, sentence = SENTENCES[code]
        self.body: dict[str, Any] = {"code": code, "message": message or sentence}
        if detail is not None:
            self.body["detail"] = detail


def wrong(field: str, issue: str) -> PayError:
    """PARAM_ERROR about one field of the body."""
    message = f"输入源“/body/{field}”映射到字段“{field}”规则校验失败，{issue}"
    return PayError("PARAM_ERROR", message, {"location": "body", "value": field})

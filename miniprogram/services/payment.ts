/** WeChat Pay on the phone: its payment sheet, and keys by which an order is asked for once. */
import type { SheetTold } from "../models/wire";
import { WechatError } from "./errors";
import { promised, WxError } from "./promised";

const KEY_BYTES = 16;
const CANCELLED = /cancel/i;
const BYTE_DIGITS = 2;

/** What the phone says became of the sheet. "ok" proves nothing: only the school knows. */
export type SheetAnswer = "ok" | "cancelled" | "failed";

/** Show WeChat's payment sheet. */
export async function payBySheet(sheet: SheetTold): Promise<SheetAnswer> {
  try {
    await promised((callbacks) =>
      wx.requestPayment({
        timeStamp: sheet.timestamp,
        nonceStr: sheet.nonce,
        package: sheet.package,
        signType: sheet.sign_type as "RSA", // the typings list the kinds, the server chose one
        paySign: sheet.pay_sign,
        ...callbacks,
      }),
    );
    return "ok";
  } catch (error) {
    if (!(error instanceof WxError)) throw error;
    return CANCELLED.test(error.message) ? "cancelled" : "failed";
  }
}

/** 128 random bits in hexadecimal. Raises WechatError where the phone has none. */
export async function newRequestKey(): Promise<string> {
  try {
    const { randomValues } = await promised<{ randomValues: ArrayBuffer }>((callbacks) =>
      wx.getUserCryptoManager().getRandomValues({ length: KEY_BYTES, ...callbacks }),
    );
    const bytes = Array.from(new Uint8Array(randomValues));
    return bytes.map((byte) => byte.toString(16).padStart(BYTE_DIGITS, "0")).join("");
  } catch (error) {
    throw error instanceof WxError ? new WechatError(error.message, "pay.not_shown") : error;
  }
}

/** WeChat's callbacks as promises: not every member gives one by itself. */

interface Callbacks<T> {
  success: (result: T) => void;
  fail: (failure: WxFailure) => void;
}

/** What `fail` is called with. */
export interface WxFailure {
  readonly errMsg: string;
  readonly errCode?: number;
  readonly errno?: number;
}

/** A wx member said no. `code` is 0 where WeChat gives none. */
export class WxError extends Error {
  readonly code: number;

  constructor(failure: WxFailure) {
    super(failure.errMsg);
    this.name = "WxError";
    this.code = failure.errCode ?? failure.errno ?? 0;
  }
}

/** `promised((callbacks) => wx.login(callbacks))`. */
export function promised<T>(call: (callbacks: Callbacks<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call({ success: resolve, fail: (failure) => reject(new WxError(failure)) });
  });
}

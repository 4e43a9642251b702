/** The only way to the server. */
import { readDateHeader } from "../models/clock";
import type { ErrorTold } from "../models/wire";
import { SERVER } from "../settings";
import { AnswerError, OfflineError, RefusedError, ServerBusyError, type Refusal } from "./errors";
import { hearTime } from "./school_clock";

export const TIMEOUT_MS = 8000;
const STATUS_SERVER_FAULT = 500;
const STATUS_REFUSED = 400;
const STATUS_ELSEWHERE = 300;

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Asked {
  readonly method: Method;
  /** From the first slash on, query included. */
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** A session's token. */
  readonly session?: string;
}

interface Answered {
  readonly statusCode: number;
  readonly data: unknown;
  readonly header: Readonly<Record<string, unknown>>;
}

/**
 * Ask the server. A GET that got no answer is asked once more; nothing else is, for nobody knows
 * what became of it. Raises OfflineError, AnswerError, ServerBusyError, RefusedError.
 */
export async function request<T>(asked: Asked): Promise<T> {
  try {
    return await requestOnce<T>(asked);
  } catch (error) {
    const isWorthIt = error instanceof OfflineError && !error.isSlow && asked.method === "GET";
    if (!isWorthIt) throw error;
    return requestOnce<T>(asked);
  }
}

async function requestOnce<T>(asked: Asked): Promise<T> {
  const sentMs = Date.now();
  const answered = await sent(asked);
  const { statusCode, data } = answered;
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  // only the school's answers say what time it is: others' clocks are their own affair
  if (isObject) hear(answered, sentMs);
  const told = isError(data) ? refusalOf(statusCode, data) : null;
  if (statusCode >= STATUS_SERVER_FAULT) throw new ServerBusyError(statusCode, told);
  if (statusCode >= STATUS_REFUSED && told !== null) throw new RefusedError(told);
  // a Wi-Fi that wants a login first answers everything, with a page of its own
  if (statusCode >= STATUS_ELSEWHERE || !isObject) {
    throw new AnswerError(`${asked.method} ${asked.path}: ${statusCode}, not the school's answer`);
  }
  return data as T;
}

function sent(asked: Asked): Promise<Answered> {
  const header: Record<string, string> = { "content-type": "application/json" };
  if (asked.session !== undefined) header["authorization"] = `Bearer ${asked.session}`;
  return new Promise((resolve, reject) => {
    wx.request({
      url: serverAddress() + asked.path,
      method: asked.method,
      data: asked.body === undefined ? undefined : JSON.stringify(asked.body),
      header,
      timeout: TIMEOUT_MS,
      dataType: "json",
      success: resolve,
      fail: (failure) => {
        const why = failure.errMsg;
        reject(new OfflineError(/time\s*-?out/i.test(why), why));
      },
    });
  });
}

/** Where the server is: what the app was told at its start, else the settings. */
function serverAddress(): string {
  // allowDefault: while the app itself is starting there is none yet
  const app = getApp<{ globalData?: { server?: unknown } }>({ allowDefault: true });
  const told = app.globalData?.server;
  return typeof told === "string" ? told : SERVER;
}

function hear(answered: Answered, sentMs: number): void {
  const body = answered.data as { server_at?: unknown } | null;
  const exact = typeof body === "object" ? body?.server_at : undefined;
  const serverAt = typeof exact === "number" ? exact : readDateHeader(dateOf(answered.header));
  if (serverAt !== null) hearTime({ serverAt, sentMs, receivedMs: Date.now() });
}

function dateOf(header: Answered["header"]): unknown {
  return header["Date"] ?? header["date"];
}

function refusalOf(status: number, told: ErrorTold): Refusal {
  const { error: word, zh, en, evidence } = told;
  return { status, word, zh, en, evidence };
}

function isError(data: unknown): data is ErrorTold {
  if (typeof data !== "object" || data === null) return false;
  const { error, zh, en, evidence } = data as Record<string, unknown>;
  const isSaid = [error, zh, en].every((said) => typeof said === "string");
  return isSaid && typeof evidence === "object" && evidence !== null;
}

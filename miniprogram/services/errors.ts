/**
 * What can go wrong between phone and school.
 *
 *     OfflineError        no answer: no network (or slow: `isSlow`)
 *     AnswerError         an answer that is not the school's, e.g. a Wi-Fi's login page
 *     ServerBusyError     5xx
 *     RefusedError        the server understood and said no, in both languages
 *     SessionEndedError   nobody is logged in; `isUnbound`: this phone's binding is over
 *     WechatError         WeChat itself did not do what was asked: login, its dialogue
 *     StorageError        the phone kept nothing; `isFull`: for want of room
 */
import { word, type Notice } from "../models/notice";
import type { WordKey } from "../models/word_keys";

const TOO_MANY = 429;

export class OfflineError extends Error {
  readonly isSlow: boolean;

  constructor(isSlow: boolean, why: string) {
    super(why);
    this.name = "OfflineError";
    this.isSlow = isSlow;
  }
}

export class AnswerError extends Error {
  constructor(why: string) {
    super(why);
    this.name = "AnswerError";
  }
}

/** The server's own words. */
export interface Refusal {
  readonly status: number;
  readonly word: string;
  readonly zh: string;
  readonly en: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

export class ServerBusyError extends Error {
  readonly status: number;
  /** null where a proxy answered in the server's place. */
  readonly told: Refusal | null;

  constructor(status: number, told: Refusal | null) {
    super(`${status} ${told?.word ?? ""}`);
    this.name = "ServerBusyError";
    this.status = status;
    this.told = told;
  }

  get word(): string {
    return this.told?.word ?? "";
  }
}

export class RefusedError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${refusal.status} ${refusal.word}: ${refusal.en}`);
    this.name = "RefusedError";
    this.refusal = refusal;
  }

  get word(): string {
    return this.refusal.word;
  }

  /** Seconds to wait, where the server names them. */
  get seconds(): number | null {
    const { seconds } = this.refusal.evidence;
    return typeof seconds === "number" ? seconds : null;
  }
}

export class SessionEndedError extends Error {
  readonly isUnbound: boolean;

  constructor(isUnbound: boolean) {
    super(isUnbound ? "this phone is not bound" : "nobody is logged in");
    this.name = "SessionEndedError";
    this.isUnbound = isUnbound;
  }
}

export class WechatError extends Error {
  readonly key: WordKey;

  constructor(why: string, key: WordKey) {
    super(why);
    this.name = "WechatError";
    this.key = key;
  }
}

export class StorageError extends Error {
  readonly isFull: boolean;

  constructor(isFull: boolean, why: string) {
    super(why);
    this.name = "StorageError";
    this.isFull = isFull;
  }
}

/** Whether the school could not be reached at all, so that trying later makes sense. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof OfflineError ||
    error instanceof AnswerError ||
    error instanceof ServerBusyError
  );
}

/** Whether asking later may well help. */
export function isWorthRetrying(error: unknown): boolean {
  const isTooOften = error instanceof RefusedError && error.refusal.status === TOO_MANY;
  return isAway(error) || isTooOften;
}

/** Whether only WeChat's part failed: off at this school, away, or a login code it does not take. */
export function isWechatTrouble(error: unknown): boolean {
  if (error instanceof ServerBusyError) return error.word.startsWith("wechat_");
  return error instanceof RefusedError && error.word === "wrong_wechat_code";
}

/** Whether this is one of the bad days above, and not a fault of ours. */
export function isTellable(error: unknown): boolean {
  const isPhone = error instanceof WechatError || error instanceof StorageError;
  const isSaid = error instanceof RefusedError || error instanceof SessionEndedError;
  return isAway(error) || isPhone || isSaid;
}


/** What a person is told. Whatever is not in the list above is a fault of ours: thrown on. */
export function noticeOf(error: unknown): Notice {
  const told = error instanceof RefusedError ? error.refusal : null;
  const isWechat = error instanceof ServerBusyError && isWechatTrouble(error);
  const said = isWechat ? error.told : told;
  if (said !== null && said.word !== "wechat_off") {
    return { kind: "sentence", word: said.word, zh: said.zh, en: said.en };
  }
  return word(keyOf(error));
}

function keyOf(error: unknown): WordKey {
  if (error instanceof OfflineError) return error.isSlow ? "net.slow" : "net.offline";
  if (error instanceof AnswerError) return "net.unknown_answer";
  if (error instanceof ServerBusyError) {
    return error.word === "wechat_off" ? "session.wechat_off" : "net.server_busy";
  }
  if (error instanceof SessionEndedError) {
    return error.isUnbound ? "session.not_bound" : "session.ended";
  }
  if (error instanceof WechatError) return error.key;
  if (error instanceof StorageError) return error.isFull ? "storage.full" : "storage.broken";
  throw error;
}

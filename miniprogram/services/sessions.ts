/** Sessions: kept encrypted, renewed by WeChat's login without a word where the server knows us. */
import type { SessionTold } from "../models/wire";
import { wechatCode } from "./device";
import {
  isWechatTrouble,
  RefusedError,
  ServerBusyError,
  SessionEndedError,
  WechatError,
} from "./errors";
import { request, type Asked } from "./http";
import { schoolSeconds } from "./school_clock";
import { readSecretly, writeSecretly } from "./storage";

export type Audience = "student" | "guardian" | "staff";

export interface Session {
  readonly token: string;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** The server knows this WeChat account: when it says "not bound", the binding is over. */
  readonly isWechatKnown: boolean;
  /** The staff member's name; "" for others. */
  readonly name: string;
}

type Sessions = Readonly<Partial<Record<Audience, Session>>>;

const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
/** A session this close to its end is renewed before it is used. */
const RENEW_SECONDS = 60;

let loading: Promise<Sessions> | null = null;
let held: Sessions = {};
const renewals = new Map<Audience, Promise<Session>>();
const hearers = new Set<() => void>();

/** Read what is kept, once. */
export async function loadSessions(): Promise<Sessions> {
  loading ??= readSecretly<Sessions>("sessions").then((kept) => {
    held = Object.assign({}, kept, held);
    return held;
  });
  await loading;
  return held;
}

/** Call back whenever a session begins or ends. */
export function onSessions(hear: () => void): void {
  hearers.add(hear);
}

/** Begin or renew. */
export function keepSession(audience: Audience, session: Session): Promise<void> {
  return change(audience, session);
}

/** End it on this phone. */
export function forgetSession(audience: Audience): Promise<void> {
  return change(audience, undefined);
}

async function change(audience: Audience, session: Session | undefined): Promise<void> {
  await loadSessions();
  held = Object.assign({}, held, { [audience]: session });
  for (const hear of Array.from(hearers)) hear();
  await writeSecretly("sessions", held);
}

/** A session as it came over the wire. */
export function sessionOf(told: SessionTold, isWechatKnown: boolean, name = ""): Session {
  return { token: told.session, expiresAt: told.expires_at, isWechatKnown, name };
}

/**
 * Ask as somebody. A session that has ended is renewed by WeChat's login and the question asked
 * again, once. Raises SessionEndedError beside what `request` and WeChat's login raise.
 */
export async function ask<T>(audience: Audience, asked: Omit<Asked, "session">): Promise<T> {
  const kept = (await loadSessions())[audience];
  const isFresh = kept !== undefined && kept.expiresAt - RENEW_SECONDS > schoolSeconds();
  if (isFresh) {
    try {
      return await request<T>({ ...asked, session: kept.token });
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
    }
  }
  // another question may have renewed it while this one was on its way
  const now = held[audience];
  const isRenewed = now !== undefined && now.token !== kept?.token;
  const { token } = isRenewed ? now : await renew(audience, kept);
  try {
    return await request<T>({ ...asked, session: token });
  } catch (error) {
    throw isUnauthorized(error) ? new SessionEndedError(false) : error;
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof RefusedError && error.refusal.status === UNAUTHORIZED;
}

/**
 * Log in without a word, by WeChat alone. Raises SessionEndedError when the server does not know
 * this WeChat account, and what `request` raises.
 */
export function renew(audience: Audience, before?: Session): Promise<Session> {
  const running = renewals.get(audience);
  if (running !== undefined) return running;
  const renewal = renewed(audience, before);
  const forget = (): void => void renewals.delete(audience);
  renewals.set(audience, renewal);
  renewal.then(forget, forget);
  return renewal;
}

async function renewed(audience: Audience, before?: Session): Promise<Session> {
  if (audience === "staff") {
    if (before !== undefined) await forgetSession("staff");
    throw new SessionEndedError(false);
  }
  try {
    const body = { wechat_code: await wechatCode() };
    const told = await request<SessionTold>({ method: "POST", path: `/${audience}/sessions`, body });
    const session = sessionOf(told, true);
    await keepSession(audience, session);
    return session;
  } catch (error) {
    const isUnknown = error instanceof RefusedError && error.refusal.status === NOT_FOUND;
    if (isUnknown) throw new SessionEndedError(before?.isWechatKnown ?? false);
    // without WeChat's help an ended session is just that: the way in is a code from the school
    const isWechatOff = error instanceof ServerBusyError && error.word === "wechat_off";
    const isNobody = isUnauthorized(error) && !isWechatTrouble(error);
    if (isWechatOff || isNobody || error instanceof WechatError) throw new SessionEndedError(false);
    throw error;
  }
}

/**
 * What the phone keeps. Secrets, sessions and whatever is personal is kept encrypted (WeChat can do
 * that only asynchronously), the rest plainly. Everything here may be gone at the next start.
 */
import { StorageError } from "./errors";
import { promised, WxError } from "./promised";

/** Kept encrypted. */
export type SecretKey = "secrets" | "card" | "sessions" | "statement" | "children";
/** Kept plainly: nothing personal. */
export type PlainKey = "settings" | "clock" | "role" | "windows" | "unsent" | "orders";

/** What can be had again from the server: given up when there is no room for what cannot. */
const CACHES: readonly SecretKey[] = ["statement", "children"];
const FULL = /exceed|quota|space|full|limit/i;

const hearers = new Set<(error: StorageError) => void>();
let queue: Promise<unknown> = Promise.resolve();

/** Call back whenever the phone could not keep something: what is on the screen still holds. */
export function onStorageTrouble(hear: (error: StorageError) => void): void {
  hearers.add(hear);
}

/** What was kept, or null: never kept, cleared, or no longer readable. */
export async function readSecretly<T>(key: SecretKey): Promise<T | null> {
  await settled(queue);
  try {
    const read = await promised<{ data: unknown }>((callbacks) =>
      wx.getStorage({ key, encrypt: true, ...callbacks }),
    );
    return parsed<T>(read.data);
  } catch (error) {
    // WeChat says "data not found" and "decrypt fail" in the same way: it is not there for us
    if (error instanceof WxError) return null;
    throw error;
  }
}

/** Keep it; one write after the other. Resolves in any case: trouble is told to who hears. */
export function writeSecretly(key: SecretKey, value: unknown): Promise<void> {
  return inTurn(async () => {
    try {
      await put(key, value);
    } catch (error) {
      if (!isFull(error) || CACHES.includes(key)) return tell(error);
      await Promise.all(CACHES.map(drop));
      wx.removeStorageSync("windows");
      await put(key, value).catch(tell);
    }
  });
}

export function forgetSecretly(key: SecretKey): Promise<void> {
  return inTurn(() => drop(key));
}

/** What was kept plainly, or null. */
export function readPlainly<T>(key: PlainKey): T | null {
  const text: unknown = wx.getStorageSync(key);
  return text === "" ? null : parsed<T>(text);
}

/** Keep it plainly; trouble is told to who hears. */
export function writePlainly(key: PlainKey, value: unknown): void {
  try {
    wx.setStorageSync(key, JSON.stringify(value));
  } catch (error) {
    tell(error);
  }
}

export function forgetPlainly(key: PlainKey): void {
  wx.removeStorageSync(key);
}

function inTurn(task: () => Promise<void>): Promise<void> {
  const done = settled(queue).then(task);
  queue = done;
  return done;
}

function settled(task: Promise<unknown>): Promise<void> {
  const nothing = (): void => undefined;
  return task.then(nothing, nothing);
}

async function put(key: SecretKey, value: unknown): Promise<void> {
  const data = JSON.stringify(value);
  await promised((callbacks) => wx.setStorage({ key, data, encrypt: true, ...callbacks }));
}

async function drop(key: SecretKey): Promise<void> {
  await promised((callbacks) => wx.removeStorage({ key, ...callbacks }));
}

function parsed<T>(text: unknown): T | null {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // half a write: as good as none
    throw error;
  }
}

function isFull(error: unknown): boolean {
  return FULL.test(messageOf(error));
}

function tell(error: unknown): void {
  const told = new StorageError(isFull(error), messageOf(error));
  for (const hear of Array.from(hearers)) hear(told);
}

/** setStorageSync throws what it likes: an Error here, an object with errMsg there. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  const told = (error as { errMsg?: unknown } | null)?.errMsg;
  return typeof told === "string" ? told : String(error);
}

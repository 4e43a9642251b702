/** What a student's phone asks of the server. */
import type {
  BoundTold,
  CardTold,
  DisputesTold,
  EmergencyCodeTold,
  FreezeTold,
  GuardiansTold,
  InvitationTold,
  PaymentsTold,
  SeesWord,
  SecretsListTold,
  SpendingTold,
  StateTold,
  TrailTold,
  WindowsTold,
} from "../models/wire";
import { AnswerError } from "./errors";
import { request } from "./http";
import { ask } from "./sessions";

export const FREEZES_PATH = "/student/freezes";
export const PAGE_LINES = 20;

/** What a phone is bound by: a code from the school, or WeChat's code for a phone number. */
export type BoundBy = { readonly code: string } | { readonly phone_code: string };

/** `wechatCode` lets the server know this WeChat account again; null where WeChat gave none. */
export function bindPhone(by: BoundBy, wechatCode: string | null): Promise<BoundTold> {
  const path = "code" in by ? "/student/bindings" : "/student/phone-bindings";
  const body = wechatCode === null ? by : { ...by, wechat_code: wechatCode };
  return request({ method: "POST", path, body: { ...body } });
}

/** Raises AnswerError, too, for what is not a card: this phone's secrets are judged by it. */
export async function readCard(): Promise<CardTold> {
  const told = await get<Partial<CardTold>>("/student/card");
  if (typeof told.issue === "number" && typeof told.card_number === "string") {
    return told as CardTold;
  }
  throw new AnswerError("GET /student/card: an answer, but not of a card");
}

/** Raises AnswerError, too, for what is no list: it replaces the one the phone has. */
export async function readSecretsList(): Promise<SecretsListTold> {
  const told = await get<Partial<SecretsListTold>>("/student/secrets");
  if (Array.isArray(told.secrets) && typeof told.server_at === "number") {
    return told as SecretsListTold;
  }
  throw new AnswerError("GET /student/secrets: an answer, but no list of secrets");
}

export function readFreeze(): Promise<FreezeTold> {
  return get(FREEZES_PATH);
}

export function liftFreeze(): Promise<StateTold> {
  return ask("student", { method: "DELETE", path: FREEZES_PATH });
}

/** `before` 0: the newest. `month` "YYYYMM", "" for all. */
export function readPayments(month: string, before: number): Promise<PaymentsTold> {
  const only = month === "" ? "" : `&month=${month}`;
  return get(`/student/payments?limit=${PAGE_LINES}&before=${before}${only}`);
}

export function readSpending(month: string): Promise<SpendingTold> {
  return get(`/student/spending?month=${month}`);
}

export function openDispute(
  paymentId: number,
  reason: string,
  note: string,
): Promise<{ state: string }> {
  const body = { payment_id: paymentId, reason, note };
  return ask("student", { method: "POST", path: "/student/disputes", body });
}

export function readDisputes(): Promise<DisputesTold> {
  return get("/student/disputes");
}

export function readEmergencyCode(): Promise<EmergencyCodeTold> {
  return get("/student/emergency-code");
}

export function readWindows(): Promise<WindowsTold> {
  return get("/student/windows");
}

export function readTrail(before: number): Promise<TrailTold> {
  return get(`/student/trail?limit=${PAGE_LINES}&before=${before}`);
}

export function readGuardians(): Promise<GuardiansTold> {
  return get("/student/guardians");
}

export function shareWith(guardianId: number, sees: SeesWord): Promise<unknown> {
  const path = `/student/guardians/${guardianId}`;
  return ask("student", { method: "PUT", path, body: { sees } });
}

export function removeGuardian(guardianId: number): Promise<unknown> {
  return ask("student", { method: "DELETE", path: `/student/guardians/${guardianId}` });
}

export function inviteGuardian(): Promise<InvitationTold> {
  return ask("student", { method: "POST", path: "/student/guardian-invitations" });
}

export function endSession(): Promise<unknown> {
  return ask("student", { method: "DELETE", path: "/student/sessions" });
}

function get<T>(path: string): Promise<T> {
  return ask("student", { method: "GET", path });
}

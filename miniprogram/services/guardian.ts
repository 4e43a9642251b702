/** What a guardian's phone asks of the server. */
import type {
  ChildrenTold,
  EmergencyCodeTold,
  FreezeTold,
  PaymentsTold,
  SessionTold,
  StateTold,
} from "../models/wire";
import { request } from "./http";
import { ask } from "./sessions";
import { PAGE_LINES, type BoundBy } from "./student";

/** Become a guardian, or of one more child. */
export function bindGuardian(by: BoundBy, wechatCode: string, name: string): Promise<SessionTold> {
  const path = "code" in by ? "/guardian/bindings" : "/guardian/phone-bindings";
  return request({ method: "POST", path, body: { ...by, wechat_code: wechatCode, name } });
}

export function readChildren(): Promise<ChildrenTold> {
  return get("/guardian/children");
}

export function childFreezesPath(cardholderId: number): string {
  return `/guardian/children/${cardholderId}/freezes`;
}

export function readChildFreeze(cardholderId: number): Promise<FreezeTold> {
  return get(childFreezesPath(cardholderId));
}

export function liftChildFreeze(cardholderId: number): Promise<StateTold> {
  return ask("guardian", { method: "DELETE", path: childFreezesPath(cardholderId) });
}

export function readChildPayments(cardholderId: number, before: number): Promise<PaymentsTold> {
  const page = `limit=${PAGE_LINES}&before=${before}`;
  return get(`/guardian/children/${cardholderId}/payments?${page}`);
}

export function readChildEmergency(cardholderId: number): Promise<EmergencyCodeTold> {
  return get(`/guardian/children/${cardholderId}/emergency-code`);
}

export function endSession(): Promise<unknown> {
  return ask("guardian", { method: "DELETE", path: "/guardian/sessions" });
}

function get<T>(path: string): Promise<T> {
  return ask("guardian", { method: "GET", path });
}

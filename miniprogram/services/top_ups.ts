/** What a phone asks of the server about money that comes in and goes back. */
import type {
  InvitationMadeTold,
  InvitedTold,
  LeavingTold,
  LimitsShape,
  LimitsTold,
  TopUpInvitationsTold,
  TopUpsTold,
  TopUpTold,
} from "../models/wire";
import { wechatCode } from "./device";
import { request } from "./http";
import { ask, type Audience } from "./sessions";

/** Whose purse: 0 is the holder's own phone, else the child's id on a guardian's. */
export type Whose = number;

export const OWN: Whose = 0;
export const LEAVING_PATH = "/student/leaving/refunds";

export function audienceOf(whose: Whose): Audience {
  return whose === OWN ? "student" : "guardian";
}

export function topUpsPath(whose: Whose): string {
  return `${base(whose)}/top-ups`;
}

export function readTopUps(whose: Whose): Promise<TopUpsTold> {
  return get(whose, topUpsPath(whose));
}

export function orderTopUp(
  whose: Whose,
  requestKey: string,
  amountFen: number,
): Promise<TopUpTold> {
  const body = { request_key: requestKey, amount_fen: amountFen };
  return ask(audienceOf(whose), { method: "POST", path: topUpsPath(whose), body });
}

/** A fresh sheet for an order that may still be paid. */
export function askSheet(whose: Whose, number: string): Promise<TopUpTold> {
  const path = `${topUpsPath(whose)}/${number}/sheets`;
  return ask(audienceOf(whose), { method: "POST", path });
}

/** What became of it; the school asks WeChat Pay when it does not know. */
export function checkTopUp(whose: Whose, number: string): Promise<TopUpTold> {
  const path = `${topUpsPath(whose)}/${number}/checks`;
  return ask(audienceOf(whose), { method: "POST", path });
}

export function readTopUpInvitations(whose: Whose): Promise<TopUpInvitationsTold> {
  return get(whose, `${base(whose)}/top-up-invitations`);
}

export function makeTopUpInvitation(
  whose: Whose,
  amountFenMax: number,
  days: number,
): Promise<InvitationMadeTold> {
  const path = `${base(whose)}/top-up-invitations`;
  const body = { amount_fen_max: amountFenMax, days };
  return ask(audienceOf(whose), { method: "POST", path, body });
}

export function endTopUpInvitation(whose: Whose, invitationId: number): Promise<unknown> {
  const path = `${base(whose)}/top-up-invitations/${invitationId}/ends`;
  return ask(audienceOf(whose), { method: "POST", path });
}

// ------------------------------------------------------------------- without an account

/** Whom an invitation is for, masked. */
export function readInvitation(token: string): Promise<InvitedTold> {
  return request({ method: "POST", path: "/open/invitations/views", body: { token } });
}

/** WeChat's code says who pays; nothing else of him is known. */
export async function orderByInvitation(
  token: string,
  requestKey: string,
  amountFen: number,
): Promise<TopUpTold> {
  const code = await wechatCode();
  const body = { token, code, request_key: requestKey, amount_fen: amountFen };
  return request({ method: "POST", path: "/open/invitations/top-ups", body });
}

export function checkByInvitation(token: string): Promise<TopUpTold> {
  return request({ method: "POST", path: "/open/invitations/checks", body: { token } });
}

// --------------------------------------------------------------------- limits and leaving

export function readLimits(cardholderId: number): Promise<LimitsTold> {
  return ask("guardian", { method: "GET", path: limitsPath(cardholderId) });
}

export function writeLimits(cardholderId: number, limits: LimitsShape): Promise<LimitsTold> {
  const body = { ...limits };
  return ask("guardian", { method: "PUT", path: limitsPath(cardholderId), body });
}

export function readOwnLimits(): Promise<LimitsTold> {
  return ask("student", { method: "GET", path: "/student/limits" });
}

export function readLeaving(): Promise<LeavingTold> {
  return ask("student", { method: "GET", path: "/student/leaving" });
}

export function askLeaving(requestKey: string): Promise<LeavingTold> {
  const body = { request_key: requestKey };
  return ask("student", { method: "POST", path: LEAVING_PATH, body });
}

function limitsPath(cardholderId: number): string {
  return `/guardian/children/${cardholderId}/limits`;
}

function base(whose: Whose): string {
  return whose === OWN ? "/student" : `/guardian/children/${whose}`;
}

function get<T>(whose: Whose, path: string): Promise<T> {
  return ask(audienceOf(whose), { method: "GET", path });
}

/** What a staff member's phone asks of the server. */
import type {
  BindingCodeTold,
  CardholderTold,
  CardStateWord,
  EmergencyCodeTold,
  StaffSessionTold,
} from "../models/wire";
import { request } from "./http";
import { ask } from "./sessions";

interface CardChanged {
  readonly state: CardStateWord;
  readonly are_doors_frozen: boolean;
}

export function logIn(login: string, password: string, totp: string): Promise<StaffSessionTold> {
  return request({ method: "POST", path: "/staff/sessions", body: { login, password, totp } });
}

/** The person's number travels in the body: addresses end up in logs. */
export function lookUp(number: string): Promise<CardholderTold> {
  return post("/staff/lookups", { number });
}

export function cardFreezesPath(cardId: number): string {
  return `/staff/cards/${cardId}/freezes`;
}

export function liftCard(cardId: number): Promise<CardChanged> {
  return ask("staff", { method: "DELETE", path: cardFreezesPath(cardId) });
}

export function handOutEmergency(cardId: number): Promise<EmergencyCodeTold> {
  return post(`/staff/cards/${cardId}/emergency-codes`);
}

export function handOutBinding(cardId: number): Promise<BindingCodeTold> {
  return post(`/staff/cards/${cardId}/bindings`);
}

export function endSession(): Promise<unknown> {
  return ask("staff", { method: "DELETE", path: "/staff/sessions" });
}

function post<T>(path: string, body?: Readonly<Record<string, unknown>>): Promise<T> {
  return ask("staff", { method: "POST", path, body });
}

/** What a phone asks of the server about WeChat messages: the same for holders and guardians. */
import type { StoredTold, TemplatesTold } from "../models/wire";
import { ask } from "./sessions";

export type Subscriber = "student" | "guardian";

export function readTemplates(whose: Subscriber): Promise<TemplatesTold> {
  return ask(whose, { method: "GET", path: `/${whose}/subscriptions` });
}

export function agreeToMessage(
  whose: Subscriber,
  template: string,
  accepted: boolean,
): Promise<StoredTold> {
  const body = { template, accepted };
  return ask(whose, { method: "POST", path: `/${whose}/subscriptions`, body });
}

/** A line of the trail as a sentence: who did what. */
import { isKey, say, type Key, type Language } from "../../../words/index";

/** Who did it: the trail names an audience and its number, e.g. "staff:3". */
export function whoDid(actor: string, language: Language): string {
  const [audience = "", ...rest] = actor.split(":");
  const key = `trail.${audience}`;
  const isOwn = audience === "student";
  const who = say(isKey(key) ? key : "trail.system", language);
  return isOwn || rest.length === 0 ? who : `${who} ${rest.join(":")}`;
}

export function whatWasDone(verb: string, language: Language): string {
  const key = `trail.did.${verb}`;
  const known: Key | null = isKey(key) ? key : null;
  return known === null ? say("trail.did.other", language, { verb }) : say(known, language);
}

/** "教职工 3 查询了您的资料", "Staff 3 looked up your data". */
export function sentence(actor: string, verb: string, language: Language): string {
  return `${whoDid(actor, language)} ${whatWasDone(verb, language)}`;
}

/** A line of the trail as a sentence: who did what. */
import { isKey, say, type Key, type Language } from "./index";

/** No person: what the school's own programs did. */
const SYSTEM = "staff:0";

/** Who acted: the trail names an audience and its number, e.g. "staff:3". `own` is the holder. */
export function whoActed(actor: string, own: Key, language: Language): string {
  const [audience = "", number = ""] = actor.split(":");
  if (audience === "student") return say(own, language);
  if (actor === SYSTEM) return say("trail.system", language);
  const key = `trail.${audience}`;
  const who = say(isKey(key) ? key : "trail.system", language);
  return number === "" ? who : `${who} ${number}`;
}

export function whatWasDone(verb: string, language: Language): string {
  const key = `trail.did.${verb}`;
  return isKey(key) ? say(key, language) : say("trail.did.other", language, { verb });
}

/** "教职工 3 查询了您的资料", "Staff 3 looked up your data". */
export function sentence(actor: string, verb: string, language: Language): string {
  const who = whoActed(actor, "trail.student", language);
  const isTight = language === "zh" && !/[0-9]$/.test(who);
  return `${who}${isTight ? "" : " "}${whatWasDone(verb, language)}`;
}

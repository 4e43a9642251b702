/** A card's state in one or two words, and how it is coloured. */
import { isKey, say, type Language } from "./index";

interface StateShown {
  readonly state: string;
  readonly tone: "" | "stopped" | "plain";
}

export function cardState(
  state: string,
  areDoorsFrozen: boolean,
  language: Language,
): StateShown {
  if (state === "active" && areDoorsFrozen) {
    return { state: say("state.doors_frozen", language), tone: "stopped" };
  }
  const key = `state.${state}`;
  const told = isKey(key) ? say(key, language) : state;
  const tone = state === "active" ? "" : state === "closed" ? "plain" : "stopped";
  return { state: told, tone };
}

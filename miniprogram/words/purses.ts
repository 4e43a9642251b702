/** A purse by its name; a kind this version does not know is said to be another one. */
import { isKey, say, type Language } from "./index";

export function purseNamed(purse: string, language: Language): string {
  const key = `every.purse_${purse}`;
  return say(isKey(key) ? key : "every.purse_other", language);
}

// Words for what a newer server may name, and names for labels: an unknown one is shown as it is written.
import { i18n } from "@/words";

export function wordOr(key: string, otherwise: string): string {
  const said = i18n.global;
  return said.te(key) ? said.t(key) : otherwise;
}

/** Who it was: a name where the label is one of the staff's. */
export function whoOf(label: string, names: Record<string, string>): string {
  const audience = label.split(":")[0] ?? "";
  return names[label] ?? wordOr(`people.who.${audience}`, label);
}

// Words for what a newer server may name: an unknown one is shown as it is written.
import { i18n } from "@/words";

export function wordOr(key: string, otherwise: string): string {
  const said = i18n.global;
  return said.te(key) ? said.t(key) : otherwise;
}

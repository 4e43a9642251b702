// A refusal's short name; one that a newer terminal tells is shown as it is written.
import { i18n } from "../words";

export function reasonText(word: string): string {
  const said = i18n.global;
  return said.te(`reason.${word}`) ? said.t(`reason.${word}`) : said.t("reason.other", { word });
}

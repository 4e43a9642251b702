/** Meals and what I pay at each group of windows. */
import type { PeriodView, PriceView, WindowGroup } from "../../../stores/student";
import { amount } from "../../../words/amount";
import { isKey, say, type Language } from "../../../words/index";

export function periodShown(period: PeriodView, language: Language): object {
  return {
    id: period.id,
    name: period[language],
    hours: `${period.begins}–${period.ends}`,
    isNow: period.isNow,
  };
}

export function groupShown(
  group: WindowGroup,
  periods: readonly PeriodView[],
  language: Language,
): object {
  const key = `windows.${group.priceMode}`;
  const mode = isKey(key) ? say(key, language) : "";
  return {
    id: group.groupId,
    name: group[language],
    isAccepted: group.isAccepted,
    mode: group.isAccepted ? mode : say("windows.not_accepted", language),
    windows: group.windows.join(language === "zh" ? "、" : ", "),
    prices: group.isAccepted
      ? group.prices.filter(isPriced).map((price) => priceShown(price, periods, language))
      : [],
  };
}

interface Priced extends PriceView {
  readonly nominalFen: number;
  readonly chargedFen: number;
}

function isPriced(price: PriceView): price is Priced {
  return price.nominalFen !== null && price.chargedFen !== null;
}

function priceShown(price: Priced, periods: readonly PeriodView[], language: Language): object {
  const period = periods.find(({ id }) => id === price.periodId);
  const isDearer = price.nominalFen > price.chargedFen;
  return {
    id: price.periodId,
    name: period?.[language] ?? say("windows.any", language),
    amount: amount(price.chargedFen),
    was: isDearer ? say("windows.was", language, { amount: amount(price.nominalFen) }) : "",
    isNow: period?.isNow ?? false,
  };
}

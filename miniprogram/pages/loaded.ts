/** What every page that reads from the school says about how fresh it is. */
import type { Notice } from "../models/notice";
import { say, sayNotice, type Language } from "../words/index";
import { moment } from "../words/when";

interface Fresh {
  readonly isLoading: boolean;
  readonly isOffline: boolean;
  readonly asOf: number | null;
  readonly notice: Notice | null;
}

/** `notice` is one sentence or ""; `hasAnswer` tells an empty list from one not yet read. */
export function freshness(
  from: Fresh,
  now: number,
  language: Language,
): { isWaiting: boolean; hasAnswer: boolean; notice: string } {
  const told = sayNotice(from.notice, language);
  const stale =
    from.isOffline && from.asOf !== null
      ? say("every.offline_as_of", language, { time: moment(from.asOf, now, language) })
      : from.isOffline
        ? say("every.offline", language)
        : "";
  return {
    isWaiting: from.isLoading && from.asOf === null,
    hasAnswer: from.asOf !== null,
    notice: told || stale,
  };
}

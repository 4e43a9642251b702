/** What a notice says, as a test compares it: its key, or the server's word. */
import type { Notice, WordNotice } from "../models/notice";

export type { WordNotice };

export function say(notice: Notice | null): string {
  if (notice === null) return "";
  return notice.kind === "word" ? notice.key : notice.word;
}

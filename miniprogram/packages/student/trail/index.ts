/** Who looked at my data, and what was done to my card. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { trail } from "../../../stores/index";
import type { Language } from "../../../words/index";
import { sentence } from "../../../words/trail";
import { clockTime, dayHeading, dayNumber } from "../../../words/when";

Page({
  data: { t: {}, large: "", lines: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["trail"], [trail], (language) => this.look(language));
    void trail.open();
  },
  onUnload() {
    this.following.end();
  },
  onReachBottom() {
    if (trail.state.hasMore && !trail.state.isLoading) void trail.more();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { lines, hasMore, isLoading } = trail.state;
    const fresh = freshness(trail.state, now, language);
    return {
      ...fresh,
      isLoading,
      hasMore,
      isEmpty: fresh.hasAnswer && lines.length === 0,
      lines: lines.map(({ id, at, actor, verb, reason }) => ({
        id,
        what: sentence(actor, verb, language),
        when: [`${dayHeading(dayNumber(at), now, language)} ${clockTime(at)}`, reason ?? ""]
          .filter((part) => part !== "")
          .join(" · "),
      })),
    };
  },

  onMore() {
    void trail.more();
  },
});

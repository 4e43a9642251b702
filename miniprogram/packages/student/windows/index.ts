/** Meal periods, and the prices for my class of card. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { windows } from "../../../stores/index";
import type { Language } from "../../../words/index";
import { groupShown, periodShown } from "./prices";

Page({
  data: { t: {}, large: "", periods: [], groups: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["windows"], [windows], (language) => this.look(language));
    void windows.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { periods, groups } = windows.state;
    const fresh = freshness(windows.state, Date.now() / 1000, language);
    return {
      ...fresh,
      isEmpty: !fresh.isWaiting && periods.length + groups.length === 0,
      periods: periods.map((period) => periodShown(period, language)),
      groups: groups.map((group) => groupShown(group, periods, language)),
    };
  },
});

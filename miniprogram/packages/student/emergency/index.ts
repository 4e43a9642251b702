/** Today's emergency code, to be read out or written down. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { numbered } from "../../../pages/numbered";
import { emergency } from "../../../stores/index";
import { say, type Language } from "../../../words/index";
import { clockTime, dayNamed } from "../../../words/when";

Page({
  data: { t: {}, large: "", groups: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["emergency"], [emergency], (language) => this.look(language));
    void emergency.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { groups, on, expiresAt } = emergency.state;
    const day = on === "" ? "" : dayNamed(on.split("-").join(""), language);
    const time = expiresAt === null ? "" : endOf(expiresAt);
    return {
      ...freshness(emergency.state, Date.now() / 1000, language),
      groups: numbered(groups),
      // digit by digit for whoever listens to it
      spoken: groups.map((group) => group.split("").join(" ")).join(", "),
      until: say("emergency.until", language, { on: day, time }),
    };
  },
});

/** Midnight as the end of the day it ends, not the beginning of the next. */
function endOf(at: number): string {
  const time = clockTime(at);
  return time === "00:00" ? "24:00" : time;
}

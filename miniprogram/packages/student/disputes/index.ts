/** What I contested and what became of it. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { disputes } from "../../../stores/index";
import type { DisputeLine } from "../../../stores/student";
import { isKey, say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";

const TONES: Readonly<Record<string, string>> = { open: "plain", refused: "stopped" };

Page({
  data: { t: {}, large: "", disputes: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["disputes"], [disputes], (language) => this.look(language));
    void disputes.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const lines = disputes.state.disputes;
    const fresh = freshness(disputes.state, now, language);
    return {
      ...fresh,
      isEmpty: fresh.hasAnswer && lines.length === 0,
      disputes: lines.map((line) => shown(line, now, language)),
    };
  },
});

function shown(line: DisputeLine, now: number, language: Language): object {
  const key = `disputes.${line.state}`;
  const time = moment(line.openedAt, now, language);
  return {
    id: line.paymentId,
    name: say("disputes.number", language, { number: line.paymentId }),
    opened: say("disputes.opened", language, { time }),
    state: isKey(key) ? say(key, language) : line.state,
    tone: TONES[line.state] ?? "",
  };
}

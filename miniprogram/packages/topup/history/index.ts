/** What was topped up, and what became of each. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { topUps } from "../../../stores/index";
import { OWN, type TopUpLine } from "../../../stores/top_ups";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";
import { moment } from "../../../words/when";

const TONES = { paid: "", pending: "plain", closed: "plain", held: "stopped" } as const;

Page({
  data: { t: {}, large: "", lines: [] },
  following: IDLE,

  onLoad(query: { child?: string }) {
    this.following = follow(this, ["topups"], [topUps], (language) => this.look(language));
    void topUps.open(Number(query.child ?? OWN));
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const fresh = freshness(topUps.state, now, language);
    const { lines } = topUps.state;
    return {
      ...fresh,
      isEmpty: fresh.hasAnswer && lines.length === 0,
      lines: lines.map((line) => shown(line, now, language)),
    };
  },
});

function shown(line: TopUpLine, now: number, language: Language): object {
  const state = say(`topups.${line.state}`, language);
  const time = moment(line.paidAt ?? line.startedAt, now, language);
  const fen = amount(line.amountFen);
  return {
    id: line.number,
    amount: fen,
    state,
    tone: TONES[line.state],
    time,
    number: say("topups.number", language, { number: line.number }),
    label: say("topups.row_label", language, { amount: fen, state, time }),
  };
}

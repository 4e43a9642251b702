/** What pages say: the card's face for each phase, dates, money, the trail, the freeze button. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it, mock } from "node:test";
import { word } from "../models/notice";
import { dayBars } from "../packages/student/spending/charts";
import { cardFace } from "../pages/card/face";
import type { CardPhase, CardState } from "../stores/card";
import { amount } from "../words/amount";
import { whyContested } from "../words/dispute";
import { say, sayNotice } from "../words/index";
import { reachPercent, reachTold } from "../words/reach";
import { sentence } from "../words/trail";
import { clockTime, dayHeading, moment, monthAfter, monthShort } from "../words/when";

const NOW = 1_767_312_000; // Friday 2026-01-02 08:00 at the school
const DAY = 86_400;
const DIGITS = "9072024001301040897646836818487666";

const READY: CardState = {
  phase: "ready",
  digits: DIGITS,
  groups: ["90", "72", "90"],
  secondsLeft: 6,
  progress: 0.6,
  isHidden: false,
  cardNumber: "20240013",
  holderName: "张小明",
  isMoneyFrozen: false,
  areDoorsFrozen: false,
  balanceFen: 1250,
  purses: [],
  balanceAsOf: NOW - 60,
  spentTodayFen: 0,
  notice: null,
  isOffline: false,
  isRefreshing: false,
  freeze: null,
  isFreezeUnsent: false,
  canLiftAt: null,
  liftSecondsLeft: 0,
  offlineUntil: NOW + DAY,
  hce: null,
};

function face(changes: Partial<CardState>): Record<string, unknown> {
  return cardFace({ ...READY, ...changes }, "qr", NOW, "zh");
}

describe("the card page", () => {
  it("shows the code with what was last heard of the money", () => {
    const shown = face({});
    assert.equal(shown["face"], "code");
    assert.equal(shown["digits"], DIGITS);
    assert.equal(shown["balance"], "¥12.50");
    assert.equal(shown["asOf"], "截至 07:59");
    assert.equal(shown["spent"], "¥0.00");
    assert.match(String(shown["ring"]), /60%/);
    assert.equal(shown["canFreeze"], true);
  });

  it("does not invent money nobody told it of", () => {
    const shown = face({ balanceFen: null, balanceAsOf: null, spentTodayFen: null });
    assert.equal(shown["balance"], "—");
    assert.equal(shown["spent"], "—");
  });

  it("says without a network until when the code is good", () => {
    assert.equal(face({ isOffline: true })["state"], "没有网络，照常可用到 1月3日 08:00");
  });

  it("tells equal groups of digits apart", () => {
    const groups = face({})["groups"] as { id: number; text: string }[];
    assert.equal(new Set(groups.map(({ id }) => id)).size, 3);
  });

  const gone: CardPhase[] = ["unbound", "no_secrets", "frozen", "lost", "closed", "replaced"];
  for (const phase of gone) {
    it(`${phase}: a sentence and a picture instead of a code`, () => {
      for (const language of ["zh", "en"] as const) {
        const shown = cardFace({ ...READY, phase }, "qr", NOW, language);
        assert.equal(shown["face"], "instead");
        for (const name of ["faceIcon", "faceTitle", "faceText", "state"]) {
          assert.ok(shown[name], name);
        }
      }
    });
  }

  it("hides the code after a screenshot, and says why", () => {
    const shown = face({ isHidden: true });
    assert.equal(shown["face"], "instead");
    assert.equal(shown["faceTitle"], "码已藏起");
  });

  it("lets only the holder undo his freeze, and not at once", () => {
    const all = { phase: "frozen", isMoneyFrozen: true, areDoorsFrozen: true } as const;
    const frozen = { ...all, freeze: { knownBy: 23, terminals: 25 } };
    assert.equal(face(frozen)["foundLabel"], "");
    assert.match(String(face(frozen)["foundNote"]), /学校或家长/);
    const cooling = face({ ...frozen, canLiftAt: NOW + 9, liftSecondsLeft: 9 });
    assert.equal(cooling["canFind"], false);
    assert.equal(cooling["foundLabel"], "卡找到了，9 秒后可解冻");
    const cooled = face({ ...frozen, canLiftAt: NOW, liftSecondsLeft: 0 });
    assert.equal(cooled["canFind"], true);
  });

  it("shows the code with one half frozen, and says what it is good for", () => {
    const money = { isMoneyFrozen: true, canLiftAt: NOW + 9, liftSecondsLeft: 9 };
    const shown = face({ ...money, freeze: { knownBy: 23, terminals: 25 } });
    assert.deepEqual([shown["face"], shown["canFreeze"]], ["code", true]);
    assert.equal(shown["state"], "窗口不收款，门禁可用");
    assert.equal(shown["reach"], "25 台终端中已有 23 台知道");
    assert.deepEqual([shown["unfreezeMoney"], shown["canUnfreeze"]], ["9 秒后可恢复消费", false]);
    const unsent = face({ ...money, isFreezeUnsent: true, isOffline: true });
    assert.equal(unsent["state"], "学校得知后窗口不收款，门禁可用");
    assert.equal(unsent["reach"], say("card.reach_unsent", "zh"));
    const doors = face({ areDoorsFrozen: true, canLiftAt: 0 });
    assert.deepEqual([doors["face"], doors["reach"]], ["code", ""]);
    assert.equal(doors["state"], "窗口照常收款，门禁不开");
    const unheard = face({ areDoorsFrozen: true, isFreezeUnsent: true, isOffline: true });
    assert.equal(unheard["state"], "窗口照常收款，学校得知后门禁不开");
    assert.deepEqual([doors["unfreezeDoors"], doors["canUnfreeze"]], ["恢复门禁", true]);
  });

  it("with one half frozen by the office, offers nothing to lift", () => {
    for (const half of [{ isMoneyFrozen: true }, { areDoorsFrozen: true }]) {
      const shown = face({ ...half, canLiftAt: null });
      assert.deepEqual([shown["unfreezeMoney"], shown["unfreezeDoors"]], ["", ""]);
      assert.match(String(shown["foundNote"]), /学校或家长/);
    }
  });

  it("offers binding or the network where that helps", () => {
    assert.equal(face({ phase: "unbound" })["bindLabel"], "去绑定");
    assert.equal(face({ phase: "unbound" })["canFreeze"], false);
    assert.equal(face({ phase: "no_secrets" })["refreshLabel"], "联网更新");
    assert.equal(face({ phase: "no_secrets" })["canFreeze"], true);
    assert.equal(face({ phase: "lost" })["canFreeze"], false);
  });
});

describe("how far a freeze has come", () => {
  const told = (knownBy: number, terminals: number, changes = {}) => ({
    isFreezeUnsent: false,
    isOffline: false,
    reach: { knownBy, terminals },
    ...changes,
  });

  it("is never said to be everybody when there is nobody", () => {
    assert.equal(reachTold(told(0, 0), "zh"), say("card.reach_none", "zh"));
    assert.equal(reachPercent(told(0, 0)), 0);
  });

  it("counts", () => {
    assert.equal(reachTold(told(23, 25), "zh"), "25 台终端中已有 23 台知道");
    assert.equal(reachPercent(told(23, 25)), 92);
    assert.equal(reachTold(told(25, 25), "en"), "All terminals know (25)");
  });

  it("is nothing before the school knows, whatever was counted before", () => {
    const unsent = told(25, 25, { isFreezeUnsent: true, isOffline: true });
    assert.equal(reachTold(unsent, "zh"), say("card.reach_unsent", "zh"));
    assert.equal(reachPercent(unsent), 0);
  });
});

describe("words", () => {
  it("say why a payment is contested, by the holder or by the school", () => {
    const why = (reason: string, isAutomatic: boolean) =>
      whyContested({ reason, isAutomatic }, "en");
    assert.equal(why("not_me", false), "Not me");
    const stolen = "The school contested it: the terminal that took it was stolen";
    assert.equal(why("stolen_terminal", true), stolen);
    assert.match(why("frozen", true), /^The school contested it: .*frozen/);
    assert.equal(why("newer_than_us", true), "The school contested it: newer_than_us");
  });

  it("keep a place visible that nobody filled", () => {
    assert.equal(say("card.lift_wait", "zh"), "请再等 {seconds} 秒，然后可以解冻。");
    const notice = word("card.lift_wait", { seconds: 4 });
    assert.equal(sayNotice(notice, "en"), "Wait 4 s more, then you can unfreeze.");
  });

  it("say money and moments at the school, not at the phone", () => {
    assert.equal(amount(-1250), "−¥12.50");
    assert.equal(amount(5), "¥0.05");
    assert.equal(clockTime(NOW), "08:00");
    assert.equal(moment(NOW - DAY, NOW, "en"), "Jan 1 08:00");
    assert.equal(dayHeading("20260102", NOW, "zh"), "今天");
    assert.equal(dayHeading("20251231", NOW, "zh"), "12月31日 周三");
    assert.equal(monthAfter("202601", -1), "202512");
    assert.equal(monthAfter("202512", 1), "202601");
    assert.equal(monthShort("202601", NOW, "zh"), "1月");
    assert.equal(monthShort("202512", NOW, "en"), "Dec 2025");
  });

  it("tell the trail as sentences", () => {
    assert.equal(sentence("staff:3", "cardholders.look_up", "zh"), "教职工 3 查询了您的资料");
    assert.equal(sentence("student:1", "cards.freeze", "zh"), "您本人冻结了卡");
    assert.equal(sentence("staff:0", "cards.bind", "en"), "System handed out a binding code");
    assert.match(sentence("device", "new.verb", "en"), /System .*new\.verb/);
  });

  it("give every day of a month its bar", () => {
    const day = { businessOn: "20260224", day: 24, chargedFen: 900, share: 1 };
    const bars = dayBars("202602", [day]);
    assert.equal(bars.length, 28);
    assert.deepEqual(
      bars.filter(({ share }) => share > 0),
      [{ share: 1, label: "", isStrong: true }],
    );
  });
});

interface Made {
  data: Record<string, unknown>;
  methods: Record<string, (event?: object) => void>;
}

/** The freeze button as WeChat would make it, and how often it was pressed. */
function freezeButton(): { press: Record<string, (event?: object) => void>; count: () => number } {
  let made: Made = { data: {}, methods: {} };
  Object.assign(globalThis, { Component: (definition: Made) => (made = definition) });
  const load = createRequire(__filename);
  const file = load.resolve("../components/freeze-button/index.ts");
  Reflect.deleteProperty(load.cache, file);
  load(file);
  let fired = 0;
  const self = {
    data: { isDisabled: false, isDown: false },
    setData: (data: object) => Object.assign(self.data, data),
    triggerEvent: () => (fired += 1),
  };
  return { press: Object.assign(self, made.methods), count: () => fired };
}

function finger(clientX = 10, clientY = 10): object {
  return { touches: [{ clientX, clientY }] };
}

describe("the freeze button", () => {
  mock.timers.enable({ apis: ["setTimeout"] });

  it("freezes before the finger is up, and once", () => {
    const { press, count } = freezeButton();
    press["onDown"]?.(finger());
    mock.timers.tick(150);
    assert.equal(count(), 1);
    press["onUp"]?.();
    press["onTap"]?.();
    assert.equal(count(), 1);
  });

  it("takes a quick tap, and a tap nobody's finger made", () => {
    const { press, count } = freezeButton();
    press["onDown"]?.(finger());
    press["onUp"]?.();
    press["onTap"]?.();
    mock.timers.tick(500);
    assert.equal(count(), 1);
    press["onTap"]?.();
    assert.equal(count(), 2);
  });

  it("lets a finger scroll", () => {
    const { press, count } = freezeButton();
    press["onDown"]?.(finger(10, 10));
    press["onMove"]?.(finger(10, 30));
    mock.timers.tick(500);
    press["onUp"]?.();
    press["onTap"]?.();
    assert.equal(count(), 0);
  });
});

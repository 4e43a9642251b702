/** Other people's money: children, relatives with a link, limits, leaving, and what pages say. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { amountLabel, amountOf, amountShown, NOTHING } from "../packages/topup/amount_form";
import { payShown } from "../packages/topup/pay_shown";
import type { PayPhase, PayState } from "../stores/paying";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { refusal } from "./school";
import { Till } from "./till";

let phone: Phone;
let till: Till;

beforeEach(() => {
  phone = new Phone();
  till = new Till(phone.school.now);
  phone.school.more = (asked) => till.answer(asked);
  phone.onPay = (sheet) => till.pay(sheet);
});
afterEach(() => {
  phone.stores.paying.close();
  phone.end();
});

describe("a guardian", () => {
  beforeEach(async () => {
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "妈妈");
    await phone.stores.guardian.open();
  });

  it("tops up for this child and no other", async () => {
    const { topUps, paying } = phone.stores;
    await topUps.open(8);
    await paying.open(topUps.door(8));
    assert.equal(await paying.pay(10_000), true);
    assert.deepEqual(
      till.orders.map(({ path, amountFen }) => [path, amountFen]),
      [["/guardian/children/8", 10_000]],
    );
    assert.equal(paying.state.balanceFen, null, "the balance is not shared");
    assert.equal(phone.school.asked.some(({ path }) => path.startsWith("/student/top-ups")), false);
    await phone.settle();
    const reads = phone.school.asked.filter(({ path }) => path === "/guardian/children");
    assert.equal(reads.length, 2, "the balance is read anew");
  });

  it("leaves one child's order to that child", async () => {
    const { topUps, paying } = phone.stores;
    await paying.open(topUps.door(8));
    phone.onPay = () => "requestPayment:fail cancel";
    await paying.pay(5000);
    assert.equal(paying.state.phase, "unpaid");
    await paying.open(topUps.door(9));
    assert.equal(paying.state.phase, "none");
    assert.match(phone.plain.get("orders") ?? "", /children\/8/);
  });

  it("one child's answer is not shown on another's page", async () => {
    const { topUps } = phone.stores;
    phone.delay.set("GET /guardian/children/8/top-ups", 2);
    const first = topUps.open(8);
    await phone.settle();
    phone.school.instead.set("GET /guardian/children/9/top-ups", () => ({
      status: 200,
      data: {
        is_on: true,
        amount_fen_max: 100,
        amounts_fen: [100],
        last_amount_fen: null,
        days_left: null,
        is_low: false,
        top_ups: [],
      },
    }));
    await topUps.open(9);
    await phone.wait(3);
    await first;
    assert.equal(topUps.state.whose, 9);
    assert.equal(topUps.state.amountFenMax, 100);
  });

  it("sets limits, and the same comes back", async () => {
    const { limits } = phone.stores;
    const path = "/guardian/children/8/limits";
    const told = { day_fen: 3000, weekday_fen: [null, 0, null, null, null, 5000, null], kinds: { shop: 1000 } };
    const answer = { ...told, set_by: "妈妈", set_at: NOW, merchant_kinds: [] };
    phone.school.instead.set(`GET ${path}`, () => ({ status: 200, data: answer }));
    await limits.openChild(8);
    assert.equal(limits.state.limits.dayFen, 3000);
    assert.equal(limits.state.limits.weekdayFen[1], 0);
    let put: unknown = null;
    phone.school.instead.set(`PUT ${path}`, ({ body }) => {
      put = body;
      return { status: 200, data: { ...answer, ...body } };
    });
    assert.equal(await limits.save(8, { ...limits.state.limits, dayFen: null }), true);
    assert.deepEqual(put, { ...told, day_fen: null });
    assert.equal(limits.state.isSaved, true);
    limits.touch();
    assert.equal(limits.state.isSaved, false);
    phone.school.badDay = "offline";
    assert.equal(await limits.save(8, limits.state.limits), false);
    assert.equal(say(limits.state.notice), "net.offline");
    assert.equal(limits.state.isSaved, false);
  });
});

describe("a relative with a link", () => {
  const TOKEN = "a-token-of-an-invitation";

  it("sees a masked name, pays once, and nothing of him stays", async () => {
    const { invited, paying } = phone.stores;
    await invited.open(TOKEN);
    assert.equal(invited.state.holderName, "林*");
    await paying.open(invited.door(TOKEN));
    assert.equal(await paying.pay(5000), true);
    await phone.settle();
    assert.equal(invited.state.invitation, "paid");
    const asked = phone.school.asked.find(({ path }) => path === "/open/invitations/top-ups");
    assert.match(String(asked?.body?.["code"]), /^code-/);
    assert.equal(asked?.token, null);
    assert.equal([...phone.plain.values()].some((kept) => kept.includes(TOKEN)), false);
    assert.equal([...phone.secret.values()].some((kept) => kept.includes(TOKEN)), false);
  });

  it("whose answer is lost orders once", async () => {
    const { invited, paying } = phone.stores;
    await paying.open(invited.door(TOKEN));
    phone.school.badDay = "lost";
    assert.equal(await paying.pay(5000), false);
    phone.school.badDay = "none";
    assert.equal(await paying.pay(5000), true);
    assert.equal(till.orders.length, 1);
  });

  it("who turned back asks for the same order's sheet again", async () => {
    const { invited, paying } = phone.stores;
    await paying.open(invited.door(TOKEN));
    phone.onPay = () => "requestPayment:fail cancel";
    await paying.pay(5000);
    phone.onPay = (sheet) => till.pay(sheet);
    assert.equal(await paying.pay(5000), true);
    assert.equal(till.orders.length, 1);
  });

  it("without WeChat's login is told so", async () => {
    const { invited, paying } = phone.stores;
    await paying.open(invited.door(TOKEN));
    phone.loginFails = true;
    assert.equal(await paying.pay(5000), false);
    assert.equal(say(paying.state.notice), "session.login_failed");
    assert.equal(till.orders.length, 0);
  });
});

describe("invitations", () => {
  beforeEach(() => phone.bound());
  afterEach(() => phone.stores.card.close());

  it("are made, listed and ended", async () => {
    const { topUps } = phone.stores;
    const listed = { invitation_id: 3, amount_fen_max: 20_000, made_at: NOW, expires_at: NOW + 99 };
    let state = "open";
    const path = "/student/top-up-invitations";
    phone.school.instead.set(`GET ${path}`, () => ({
      status: 200,
      data: { invitations: [{ ...listed, state }] },
    }));
    phone.school.instead.set(`POST ${path}`, ({ body }) => {
      assert.deepEqual(body, { amount_fen_max: 20_000, days: 7 });
      return { status: 201, data: { invitation_id: 3, token: "t", expires_at: NOW + 99 } };
    });
    phone.school.instead.set(`POST ${path}/3/ends`, () => {
      state = "ended";
      return { status: 200, data: {} };
    });
    await topUps.openInvitations(0);
    assert.equal(await topUps.invite(0, 20_000, 7), true);
    assert.equal(topUps.state.made?.token, "t");
    assert.equal(await topUps.endInvitation(0, 3), true);
    assert.equal(topUps.state.made, null, "an ended link is not sent any more");
    assert.equal(topUps.state.invitations[0]?.state, "ended");
  });
});

describe("leaving", () => {
  const PATH = "/student/leaving/refunds";
  const told = (refunds: object[]): object => ({
    is_open: true,
    balance_fen: 5000,
    lots: [],
    cash_fen: 1000,
    refunds,
  });

  beforeEach(async () => {
    await phone.bound();
    phone.school.instead.set("GET /student/leaving", () => ({ status: 200, data: told([]) }));
    await phone.stores.leaving.open();
  });
  afterEach(() => phone.stores.card.close());

  it("asks once however often it is tapped", async () => {
    const keys: unknown[] = [];
    phone.school.instead.set(`POST ${PATH}`, ({ body }) => {
      keys.push(body?.["request_key"]);
      const refund = { number: "rf1", amount_fen: 4000, state: "asked", at: NOW };
      return { status: 201, data: told([refund]) };
    });
    phone.school.badDay = "lost";
    const both = [1, 2].map(() => phone.stores.leaving.refund());
    assert.deepEqual(await Promise.all(both), [false, false]);
    phone.start(); // a crash before the second attempt
    phone.school.badDay = "none";
    assert.equal(await phone.stores.leaving.refund(), true);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    assert.equal(phone.stores.leaving.state.refunds[0]?.amountFen, 4000);
    assert.equal(phone.plain.get("orders"), "[]");
  });

  it("that is refused says why and forgets the key", async () => {
    phone.school.instead.set(`POST ${PATH}`, () => ({ status: 409, data: refusal("not_leaving") }));
    assert.equal(await phone.stores.leaving.refund(), false);
    assert.equal(say(phone.stores.leaving.state.notice), "not_leaving");
    assert.equal(phone.plain.get("orders"), "[]");
  });

  it("asked for two times is two keys", async () => {
    const keys = new Set<unknown>();
    phone.school.instead.set(`POST ${PATH}`, ({ body }) => {
      keys.add(body?.["request_key"]);
      return { status: 201, data: told([]) };
    });
    await phone.stores.leaving.refund();
    await phone.stores.leaving.refund();
    assert.equal(keys.size, 2);
  });
});

describe("what a page says of a top-up", () => {
  const state = (phase: PayPhase): PayState => ({
    phase,
    amountFen: 5000,
    balanceFen: 11_250,
    expiresAt: NOW + 60,
    notice: null,
  });
  const phases: readonly PayPhase[] = [
    ...(["none", "ordering", "asking", "checking", "paid", "unpaid", "late", "closed"] as const),
    "held",
  ];

  for (const language of ["zh", "en"] as const) {
    it(`each phase has its own title (${language})`, () => {
      const titles = phases.map((phase) => payShown(state(phase), NOW, language)["payTitle"]);
      assert.equal(new Set(titles).size, phases.length);
      for (const phase of phases) {
        assert.doesNotMatch(JSON.stringify(payShown(state(phase), NOW, language)), /\{\w+\}/);
      }
    });
  }

  it("nobody is asked to pay again while money may be on its way", () => {
    const open = phases.filter((phase) => payShown(state(phase), NOW, "zh")["isFormOpen"] === true);
    assert.deepEqual(open, ["none", "unpaid", "closed"]);
  });

  it("the balance is told when it was paid and is shared", () => {
    assert.equal(payShown(state("paid"), NOW, "zh")["payBalance"], "¥112.50");
    assert.equal(payShown({ ...state("paid"), balanceFen: null }, NOW, "zh")["payBalance"], "");
    assert.equal(payShown(state("late"), NOW, "zh")["payBalance"], "");
  });
});

describe("the amount form", () => {
  it("what is typed counts before the buttons", () => {
    assert.equal(amountOf({ ...NOTHING, fen: 5000 }, 50_000), 5000);
    assert.equal(amountOf({ fen: 5000, typed: "7", wrong: null }, 50_000), 700);
    assert.equal(say(amountOf(NOTHING, 50_000) as never), "topup.no_amount");
    const shown = amountShown({ fen: 5000, typed: "7", wrong: null }, [5000], 50_000, "zh");
    assert.deepEqual(shown["choices"], [{ fen: 5000, name: "¥50", isChosen: false }]);
    assert.equal(shown["bounds"], "0.01 到 500.00 元");
  });

  it("no button names an amount that is not allowed", () => {
    assert.equal(amountLabel({ ...NOTHING, typed: "500" }, 50_000), "¥500.00");
    for (const typed of ["500.01", "0", "x", ""]) {
      assert.equal(amountLabel({ ...NOTHING, typed }, 50_000), "", typed);
    }
  });
});

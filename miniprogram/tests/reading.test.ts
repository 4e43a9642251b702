import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { say, type WordNotice } from "./said";
import { daysOf } from "../pages/statement_rows";
import { NOW, Phone } from "./phone";
import { refusal } from "./school";

let phone: Phone;

beforeEach(async () => {
  phone = new Phone();
  await phone.stores.session.bindStudent(phone.school.bindingCode);
});
afterEach(() => phone.end());

function payment(id: number, changes: object = {}): Record<string, unknown> {
  return {
    payment_id: id,
    card_number: "20240013",
    merchant: "一食堂 面食",
    terminal: "面食 1 号",
    occurred_at: NOW - id,
    posted_at: NOW,
    business_on: 20260102,
    period_id: "lunch",
    nominal_fen: 1250,
    discount_fen: 250,
    fee_fen: 0,
    charged_fen: 1000,
    borne_fen: 0,
    split_fen: { cash: 400, benefit: 600 },
    returned_fen: 0,
    is_undone: false,
    was_offline: false,
    was_late: false,
    outcome: "posted",
    reason: "",
    dispute: "",
    ...changes,
  };
}

function labels(id: string): string[] {
  const line = phone.stores.statement.state.lines.find((one) => one.paymentId === id);
  return (line?.explained ?? []).map(({ label }) => (label as WordNotice).key ?? label.kind);
}

describe("the statement", () => {
  it("explains every line with what applies to it", async () => {
    phone.school.payments = [
      payment(3, { fee_fen: 30, was_offline: true, was_late: true, split_fen: { meal: 1030 } }),
      payment(2, { discount_fen: 0, returned_fen: 1000, dispute: "upheld" }),
      payment(1, { borne_fen: 1000, split_fen: {}, reason: "already_used" }),
    ];
    await phone.stores.statement.open();
    const { lines } = phone.stores.statement.state;
    assert.deepEqual(
      lines.map(({ netFen, canDispute }) => [netFen, canDispute]),
      [
        [1000, true],
        [0, false],
        [0, false],
      ],
    );
    assert.deepEqual(labels("3"), [
      "line.nominal",
      "line.discount",
      "line.fee",
      "line.charged",
      "line.purse",
      "line.terminal",
      "line.offline",
      "line.late",
    ]);
    assert.deepEqual(labels("2").slice(1), [
      "line.charged",
      "line.purse.cash",
      "line.purse.benefit",
      "line.returned",
      "line.terminal",
      "line.online",
      "line.dispute.upheld",
    ]);
    assert.ok(labels("1").includes("line.borne"));
    assert.ok(labels("1").includes("sentence")); // the refusal's own
  });

  it("says which meal was on the school, and that it cost nothing", async () => {
    const gift = { borne_fen: 1000, split_fen: {}, reason: "courtesy" };
    phone.school.payments = [payment(2, gift), payment(1, { ...gift, is_undone: true })];
    await phone.stores.statement.open();
    const { lines } = phone.stores.statement.state;
    assert.deepEqual(
      lines.map(({ netFen, canDispute }) => [netFen, canDispute]),
      [
        [0, true],
        [0, false],
      ],
    );
    const sums = (lines[0]?.explained ?? []).filter(({ amountFen }) => amountFen !== null);
    assert.deepEqual(sums.map(({ amountFen }) => amountFen), [1250, -250, -1000, 0]);
    assert.deepEqual(labels("2").slice(2), [
      "line.courtesy",
      "line.charged",
      "line.terminal",
      "line.online",
    ]);
    assert.deepEqual(labels("1").slice(-1), ["line.undone"]);
    const days = daysOf(lines, NOW, "zh");
    assert.deepEqual(
      days[0]?.lines.map(({ amount, tags }) => [amount, ...tags.map(({ name }) => name)]),
      [
        ["¥0.00", "学校请的一餐"],
        ["¥0.00", "学校请的一餐", "已撤销"],
      ],
    );
    assert.equal(days[0]?.total, "共 ¥0.00");
  });

  it("pages on, asks for a month, and drops an answer nobody waits for any more", async () => {
    const { statement } = phone.stores;
    phone.school.instead.set("GET /student/payments", ({ path }) => {
      const before = Number(/before=(\d+)/.exec(path)?.[1]);
      const payments = [payment(before === 0 ? 9 : before - 1)];
      return { status: 200, data: { payments, next: before === 0 ? 9 : 0 } };
    });
    await statement.open();
    assert.equal(statement.state.hasMore, true);
    await statement.more();
    assert.deepEqual(statement.state.lines.map((line) => line.paymentId), ["9", "8"]);
    assert.equal(statement.state.hasMore, false);
    await statement.more();
    assert.equal(phone.school.count("GET", "/student/payments"), 2);
    phone.school.instead.set("GET /student/payments", ({ path }) => {
      const id = Number(/month=(\d+)/.exec(path)?.[1]);
      return { status: 200, data: { payments: [payment(id)], next: 0 } };
    });
    phone.delay.set("GET /student/payments?limit=20&before=0&month=202512", 3);
    const older = statement.open("202512");
    await phone.settle();
    await statement.open("202511");
    await phone.wait(3);
    await older;
    assert.equal(statement.state.month, "202511");
    assert.deepEqual(statement.state.lines.map((line) => line.paymentId), ["202511"]);
  });

  it("is there without a network, with its date", async () => {
    phone.school.payments = [payment(1)];
    await phone.stores.statement.open();
    phone.school.badDay = "offline";
    phone.start();
    await phone.sleep(3600);
    await phone.stores.statement.open();
    const { lines, isOffline, asOf, notice } = phone.stores.statement.state;
    assert.equal(lines.length, 1);
    assert.equal(isOffline, true);
    assert.equal(asOf, NOW);
    assert.equal(say(notice), "net.offline");
  });

  it("takes a dispute in one tap and shows it on the line", async () => {
    const { statement } = phone.stores;
    phone.school.payments = [payment(1)];
    phone.school.instead.set("POST /student/disputes", ({ body }) => ({
      status: 201,
      data: { payment_id: body?.["payment_id"], opened_at: NOW, state: "open" },
    }));
    await statement.open();
    statement.choose("1");
    assert.equal(await statement.dispute("1", "not_me"), true);
    const asked = phone.school.asked[phone.school.asked.length - 1];
    assert.deepEqual(asked?.body, { payment_id: 1, reason: "not_me", note: "" });
    assert.equal(statement.state.chosen?.dispute, "open");
    assert.equal(statement.state.chosen.canDispute, false);
    assert.equal(statement.state.lines[0]?.dispute, "open");
    assert.ok(labels("1").includes("line.disputed"));
    assert.equal(say(statement.state.notice), "dispute.sent");
    statement.choose("404");
    assert.equal(statement.state.chosen, null);
  });

  it("says why a dispute was not taken", async () => {
    const { statement } = phone.stores;
    phone.school.instead.set("POST /student/disputes", () => ({
      status: 409,
      data: refusal("nothing_left"),
    }));
    assert.equal(await statement.dispute("1", "other", " 面没煮熟 "), false);
    assert.equal(say(statement.state.notice), "nothing_left");
    assert.equal(statement.state.isDisputing, false);
    const asked = phone.school.asked[phone.school.asked.length - 1];
    assert.equal(asked?.body?.["note"], "面没煮熟");
  });

  it("sums a month up, each part with its share of the largest", async () => {
    const { statement } = phone.stores;
    const charged = (fen: number) => ({ charged_fen: fen });
    phone.school.instead.set("GET /student/spending", () => ({
      status: 200,
      data: {
        month: 202601,
        ...charged(3000),
        discount_fen: 500,
        returned_fen: 100,
        payments: 3,
        days: [
          { business_on: 20260101, ...charged(1000) },
          { business_on: 20260102, ...charged(2000) },
        ],
        merchants: [{ merchant: "面食", payments: 3, ...charged(3000) }],
        periods: [{ period_id: "", zh: "其他", en: "other", payments: 1, ...charged(-50) }],
        months: [{ month: 202601, ...charged(0) }],
      },
    }));
    await statement.openSpending("202601");
    const { spending } = statement.state;
    assert.equal(spending?.chargedFen, 3000);
    assert.deepEqual(spending.days.map(({ day, share }) => [day, share]), [
      [1, 0.5],
      [2, 1],
    ]);
    assert.deepEqual([spending.periods[0]?.share, spending.months[0]?.share], [0, 0]);
    assert.equal(spending.months[0]?.month, "202601");
    phone.school.badDay = "offline";
    await statement.openSpending("202512");
    assert.equal(statement.state.spending, null);
    assert.equal(say(statement.state.notice), "net.offline");
  });
});

describe("the student's other pages", () => {
  it("today's emergency code, and not yesterday's", async () => {
    const { emergency } = phone.stores;
    phone.school.instead.set("GET /student/emergency-code", () => ({
      status: 200,
      data: { code: "2024001334161410", on: "2026-01-02", expires_at: NOW + 3600 },
    }));
    await emergency.open();
    assert.deepEqual(emergency.state.groups, ["2024", "0013", "3416", "1410"]);
    phone.school.badDay = "offline";
    await emergency.open();
    assert.equal(emergency.state.code, "2024001334161410");
    assert.equal(emergency.state.isOffline, true);
    await phone.sleep(3600);
    await emergency.open();
    assert.equal(emergency.state.code, "");
    assert.equal(say(emergency.state.notice), "net.offline");
  });

  it("windows and prices, kept for a day without a network", async () => {
    phone.school.instead.set("GET /student/windows", () => ({
      status: 200,
      data: {
        now: "lunch",
        periods: [{ id: "lunch", zh: "午餐", en: "Lunch", begins_minute: 630, ends_minute: 810 }],
        groups: [
          {
            group_id: "noodles",
            zh: "面食",
            en: "Noodles",
            price_mode: "fixed",
            is_accepted: true,
            serves: ["lunch"],
            prices: [{ period_id: "lunch", nominal_fen: 1250, charged_fen: 1000 }],
            windows: ["一食堂 面食"],
          },
        ],
      },
    }));
    await phone.stores.windows.open();
    assert.deepEqual(phone.stores.windows.state.periods, [
      { id: "lunch", zh: "午餐", en: "Lunch", begins: "10:30", ends: "13:30", isNow: true },
    ]);
    phone.school.badDay = "offline";
    phone.start();
    await phone.stores.windows.open();
    const { groups, periods, asOf } = phone.stores.windows.state;
    assert.equal(groups[0]?.prices[0]?.chargedFen, 1000);
    assert.equal(periods[0]?.isNow, false); // nobody knows what time it is there
    assert.equal(asOf, NOW);
  });

  it("who looked at my data, page by page", async () => {
    const { trail } = phone.stores;
    const line = (id: number) => ({ id, at: NOW, actor: "staff:1", verb: "cardholders.read" });
    phone.school.instead.set("GET /student/trail", ({ path }) => {
      const before = Number(/before=(\d+)/.exec(path)?.[1]);
      const count = before === 0 ? 20 : 3;
      const first = before === 0 ? 100 : before - 1;
      return { status: 200, data: { trail: Array.from({ length: count }, (_, n) => line(first - n)) } };
    });
    await trail.open();
    assert.equal(trail.state.hasMore, true);
    await trail.more();
    assert.deepEqual([trail.state.lines.length, trail.state.hasMore], [23, false]);
    await trail.more();
    assert.equal(phone.school.count("GET", "/student/trail"), 2);
  });

  it("my guardians, what they see, an invitation", async () => {
    const { guardians } = phone.stores;
    let sees = "all";
    const list = () => [{ guardian_id: 5, name: "林先生", since: NOW, sees }];
    phone.school.instead.set("GET /student/guardians", () => ({
      status: 200,
      data: { guardians: sees === "" ? [] : list(), is_adult: true },
    }));
    phone.school.instead.set("PUT /student/guardians/5", ({ body }) => {
      sees = String(body?.["sees"]);
      return { status: 200, data: {} };
    });
    phone.school.instead.set("DELETE /student/guardians/5", () => {
      sees = "";
      return { status: 200, data: {} };
    });
    phone.school.instead.set("POST /student/guardian-invitations", () => ({
      status: 201,
      data: { code: "ABCDE-12345", expires_at: NOW + 600 },
    }));
    await guardians.open();
    assert.equal(guardians.state.isAdult, true);
    assert.equal(await guardians.share(5, "state"), true);
    assert.equal(guardians.state.guardians[0]?.sees, "state");
    assert.equal(await guardians.invite(), true);
    assert.equal(guardians.state.invitation?.code, "ABCDE-12345");
    assert.equal(await guardians.remove(5), true);
    assert.equal(guardians.state.guardians.length, 0);
    phone.school.instead.set("PUT /student/guardians/5", () => ({
      status: 403,
      data: refusal("not_adult"),
    }));
    assert.equal(await guardians.share(5, "all"), false);
    assert.equal(say(guardians.state.notice), "not_adult");
  });

  it("my disputes", async () => {
    phone.school.instead.set("GET /student/disputes", () => ({
      status: 200,
      data: {
        disputes: [
          {
            payment_id: 1,
            merchant: "面食",
            occurred_at: NOW,
            charged_fen: 1000,
            returned_fen: 0,
            reason: "not_me",
            note: "",
            is_automatic: false,
            opened_at: NOW,
            state: "open",
            decided_at: 0,
            decision_note: "",
          },
        ],
      },
    }));
    await phone.stores.disputes.open();
    const [one] = phone.stores.disputes.state.disputes;
    assert.equal(one?.paymentId, "1");
    assert.equal(one.decidedAt, null);
  });
});

describe("settings", () => {
  it("follow the phone until chosen, and are remembered", () => {
    const { settings } = phone.stores;
    settings.open();
    assert.equal(settings.state.language, "zh");
    settings.chooseLanguage("en");
    settings.setLargeType(true);
    settings.setCode128(true);
    phone.start();
    phone.stores.settings.open();
    const { choice, language, isLargeType, isCode128 } = phone.stores.settings.state;
    assert.deepEqual([choice, language, isLargeType, isCode128], ["en", "en", true, true]);
  });

  it("take nothing strange from storage", () => {
    phone.plain.set("settings", '{"choice":"fr","isLargeType":"yes","isCode128":1}');
    phone.start();
    phone.stores.settings.open();
    const { choice, language, isLargeType, isCode128 } = phone.stores.settings.state;
    assert.deepEqual([choice, language, isLargeType, isCode128], ["system", "zh", false, false]);
  });

  it("hold for now when there is no room to keep them", () => {
    phone.isFull = true;
    phone.stores.settings.chooseLanguage("en");
    assert.equal(phone.stores.settings.state.language, "en");
  });
});

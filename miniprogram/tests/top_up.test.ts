/** Topping up: one tap is one order, and only the school says that it was paid. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { fenOf, readAmount, typedOf } from "../models/top_up";
import { Phone } from "./phone";
import { say } from "./said";
import { refusal } from "./school";
import { Till } from "./till";

const POST = "/student/top-ups";

let phone: Phone;
let till: Till;

function phase(): string {
  return phone.stores.paying.state.phase;
}

function said(): string {
  return say(phone.stores.paying.state.notice);
}

function orders(): number {
  return phone.school.asked.filter(({ method, path }) => method === "POST" && path === POST).length;
}

/** The page is opened. */
async function open(): Promise<void> {
  await phone.stores.topUps.open(0);
  await phone.stores.paying.open(phone.stores.topUps.door(0));
}

beforeEach(async () => {
  phone = new Phone();
  till = new Till(phone.school.now);
  phone.school.more = (asked) => till.answer(asked);
  phone.onPay = (sheet) => till.pay(sheet);
  await phone.bound();
});
afterEach(() => {
  phone.stores.card.close();
  phone.stores.paying.close();
  phone.end();
});

describe("an amount as it is typed", () => {
  for (const [typed, fen] of [
    ["50", 5000],
    [" 50.5 ", 5050],
    ["0.01", 1],
    ["¥12.30", 1230],
    ["￥８．５", 850],
    ["1234.56", 123_456],
    ["", null],
    ["50元", null],
    ["-5", null],
    ["1.234", null],
    [".5", null],
    ["5.", null],
    ["1e3", null],
    ["50,00", null],
    ["12345678", null],
  ] as const) {
    it(`"${typed}"`, () => assert.equal(fenOf(typed), fen));
  }

  it("keeps within its bounds, and names them", () => {
    assert.equal(readAmount("500", 1, 50_000), 50_000);
    assert.equal(readAmount("0.01", 1, 50_000), 1);
    const wrong = readAmount("500.01", 1, 50_000);
    assert.deepEqual(wrong, {
      kind: "word",
      key: "topup.out_of_bounds",
      values: { low: "0.01", high: "500.00" },
    });
    assert.equal(say(readAmount("0", 1, 50_000) as typeof wrong & object), "topup.out_of_bounds");
    assert.equal(say(readAmount(" ", 1, 50_000) as typeof wrong & object), "topup.no_amount");
    assert.equal(say(readAmount("viel", 1, 50_000) as typeof wrong & object), "topup.no_number");
  });

  it("is typed back", () => {
    assert.deepEqual([5000, 5050, 1].map(typedOf), ["50", "50.50", "0.01"]);
  });
});

describe("one tap", () => {
  it("orders, pays, and the school says so", async () => {
    await open();
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(phase(), "paid");
    assert.equal(phone.stores.paying.state.balanceFen, 11_250);
    assert.equal(till.creditedFen, 5000);
    const made = phone.school.asked.find(({ method, path }) => method === "POST" && path === POST);
    assert.match(String(made?.body?.["request_key"]), /^[0-9a-f]{32}$/);
    assert.equal(phone.plain.get("orders"), "[]");
    await phone.settle();
    assert.equal(phone.stores.topUps.state.lines[0]?.state, "paid");
  });

  it("twice at a time is one order", async () => {
    await open();
    const both = [1, 2, 3].map(() => phone.stores.paying.pay(5000));
    assert.deepEqual(await Promise.all(both), [true, false, false]);
    assert.equal(till.orders.length, 1);
    assert.equal(till.creditedFen, 5000);
  });

  it("that asks something first is one order all the same", async () => {
    await open();
    let asked = 0;
    const slowly = (): Promise<void> =>
      new Promise((resolve) => {
        asked += 1;
        setTimeout(resolve, 2000);
      });
    const all = [1, 2, 3].map(() => phone.stores.paying.pay(5000, slowly));
    await phone.wait(3);
    assert.deepEqual(await Promise.all(all), [true, false, false]);
    assert.deepEqual([asked, till.orders.length], [1, 1]);
  });

  it("the key is kept before anything is sent", async () => {
    await open();
    let kept = "";
    phone.school.instead.set(`POST ${POST}`, () => {
      kept = phone.plain.get("orders") ?? "";
      return { status: 503, data: refusal("busy") };
    });
    await phone.stores.paying.pay(5000);
    assert.match(kept, /"requestKey":"[0-9a-f]{32}".*"amountFen":5000/);
  });

  it("whose answer is lost is repeated with the same key: one order", async () => {
    await open();
    phone.school.badDay = "lost";
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(said(), "net.offline");
    assert.equal(till.orders.length, 1);
    phone.school.badDay = "none";
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(till.orders.length, 1);
    assert.equal(till.creditedFen, 5000);
  });

  it("after a crash between tap and answer is the same order", async () => {
    await open();
    phone.school.badDay = "lost";
    await phone.stores.paying.pay(5000);
    phone.school.badDay = "none";
    phone.start(); // memory is gone
    await open();
    assert.equal(phase(), "none");
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(till.orders.length, 1);
  });

  it("half an hour later is another order: the old one can be paid by nobody", async () => {
    await open();
    phone.school.badDay = "lost";
    await phone.stores.paying.pay(5000);
    phone.school.badDay = "none";
    await phone.sleep(1801);
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(till.orders.length, 2);
    assert.equal(till.creditedFen, 5000);
  });

  it("with another amount is another order", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail cancel";
    await phone.stores.paying.pay(5000);
    phone.onPay = (sheet) => till.pay(sheet);
    assert.equal(await phone.stores.paying.pay(10_000), true);
    assert.deepEqual(till.orders.map(({ amountFen }) => amountFen), [5000, 10_000]);
    assert.equal(till.creditedFen, 10_000);
  });

  for (const [day, key] of [
    ["offline", "net.offline"],
    ["broken", "net.server_busy"],
    ["portal", "net.unknown_answer"],
  ] as const) {
    it(`on a bad day (${day}) says so and may be repeated`, async () => {
      await open();
      phone.school.badDay = day;
      assert.equal(await phone.stores.paying.pay(5000), false);
      assert.equal(said(), key);
      assert.equal(phase(), "none");
      assert.ok(!phone.calls.includes("requestPayment"));
      phone.school.badDay = "none";
      assert.equal(await phone.stores.paying.pay(5000), true);
      assert.equal(till.creditedFen, 5000);
    });
  }

  it("that is refused says the school's sentence and is forgotten", async () => {
    await open();
    till.refuses = "top_ups_off";
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(said(), "top_ups_off");
    assert.equal(phone.plain.get("orders"), "[]");
    assert.equal(orders(), 1);
  });

  it("without randomness orders nothing", async () => {
    await open();
    phone.isRandomnessOff = true;
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(said(), "pay.not_shown");
    assert.equal(orders(), 0);
  });

  it("without a page that is open does nothing", async () => {
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(orders(), 0);
  });
});

describe("WeChat's sheet", () => {
  it("cancelled: nothing is charged, and the same order may be paid after all", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail cancel";
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(phase(), "unpaid");
    assert.equal(said(), "pay.cancelled");
    phone.onPay = (sheet) => till.pay(sheet);
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(till.orders.length, 1);
    assert.equal(phone.school.count("POST", `${POST}/tu1/sheets`), 1);
  });

  it("failed on the phone although it was paid: the school is asked", async () => {
    await open();
    phone.onPay = (sheet) => {
      till.pay(sheet);
      return "requestPayment:fail 系统繁忙";
    };
    assert.equal(await phone.stores.paying.pay(5000), true);
    assert.equal(phase(), "paid");
  });

  it("failed and not paid says so", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail 系统繁忙";
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(phase(), "unpaid");
    assert.equal(said(), "pay.not_shown");
  });

  it("ok although nothing was paid: the school is believed, and nobody pays twice", async () => {
    await open();
    phone.onPay = () => "requestPayment:ok";
    const paying = phone.stores.paying.pay(5000);
    await phone.settle();
    assert.equal(phase(), "checking");
    await phone.wait(60);
    assert.equal(await paying, false);
    assert.equal(phase(), "late");
    assert.equal(till.creditedFen, 0);
    const asked = phone.calls.filter((call) => call === "requestPayment").length;
    const again = phone.stores.paying.pay(10_000);
    await phone.wait(60);
    assert.equal(await again, false);
    assert.equal(phone.calls.filter((call) => call === "requestPayment").length, asked);
    assert.equal(till.orders.length, 1);
  });

  it("ok and the school hears it late: found by patience", async () => {
    await open();
    phone.onPay = (sheet) => {
      till.orders[0]!.slow = 3;
      return till.pay(sheet);
    };
    const paying = phone.stores.paying.pay(5000);
    await phone.wait(10);
    assert.equal(await paying, true);
    assert.equal(phase(), "paid");
  });

  it("ok, then the network goes: found when it is back", async () => {
    await open();
    phone.onPay = (sheet) => {
      phone.school.badDay = "offline";
      return till.pay(sheet);
    };
    const paying = phone.stores.paying.pay(5000);
    await phone.wait(4);
    assert.equal(phase(), "checking");
    phone.school.badDay = "none";
    await phone.wait(20);
    assert.equal(await paying, true);
  });

  it("asked too often waits as long as the school says", async () => {
    await open();
    let refused = 0;
    phone.school.instead.set(`POST ${POST}/tu1/checks`, () => {
      refused += 1;
      return { status: 429, data: refusal("too_many_requests", { seconds: 20 }) };
    });
    const paying = phone.stores.paying.pay(5000);
    await phone.wait(15);
    assert.equal(refused, 1);
    phone.school.instead.clear();
    await phone.wait(20);
    assert.equal(await paying, true);
  });

  it("ok, then the mini-program is killed: asked at the next opening", async () => {
    await open();
    phone.school.instead.set(`POST ${POST}/tu1/checks`, () => ({ status: 503, data: refusal("x") }));
    void phone.stores.paying.pay(5000);
    await phone.settle();
    phone.stores.paying.close();
    phone.start();
    phone.school.instead.clear();
    await open();
    await phone.settle();
    assert.equal(phase(), "paid");
    assert.equal(till.creditedFen, 5000);
  });

  it("left unpaid is offered again, with its end", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail cancel";
    await phone.stores.paying.pay(5000);
    phone.start();
    await open();
    assert.equal(phase(), "unpaid");
    assert.equal(phone.stores.paying.state.amountFen, 5000);
    assert.equal(phone.stores.paying.state.expiresAt, till.orders[0]!.startedAt + 1800);
    till.orders[0]!.state = "closed";
    await open();
    assert.equal(phase(), "closed");
    await open();
    assert.equal(phase(), "none");
  });

  it("whose order is closed meanwhile says so and is not paid", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail cancel";
    await phone.stores.paying.pay(5000);
    till.orders[0]!.state = "closed";
    const before = phone.calls.filter((call) => call === "requestPayment").length;
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(phase(), "closed");
    assert.equal(phone.calls.filter((call) => call === "requestPayment").length, before);
    assert.equal(phone.plain.get("orders"), "[]");
  });

  it("told otherwise than ordered is held, and said", async () => {
    await open();
    phone.onPay = () => {
      till.orders[0]!.state = "held";
      return "requestPayment:ok";
    };
    assert.equal(await phone.stores.paying.pay(5000), false);
    assert.equal(phase(), "held");
    phone.stores.paying.dismiss();
    assert.equal(phase(), "none");
  });

  it("is not asked about behind a page that is closed", async () => {
    await open();
    phone.onPay = () => "requestPayment:ok";
    void phone.stores.paying.pay(5000);
    await phone.settle();
    phone.stores.paying.close();
    const asked = phone.school.count("POST", `${POST}/tu1/checks`);
    await phone.wait(60);
    assert.equal(phone.school.count("POST", `${POST}/tu1/checks`), asked);
    assert.equal(phase(), "none");
  });
});

describe("logging out", () => {
  it("forgets what was under way and what was read", async () => {
    await open();
    phone.onPay = () => "requestPayment:fail cancel";
    await phone.stores.paying.pay(5000);
    assert.notEqual(phone.plain.get("orders"), "[]");
    await phone.stores.session.logOut();
    assert.equal(phone.plain.get("orders"), "[]");
    assert.deepEqual(phone.stores.topUps.state.lines, []);
  });
});

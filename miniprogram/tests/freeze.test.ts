import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CardState } from "../stores/card";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { refusal } from "./school";

let phone: Phone;

function state(): CardState {
  return phone.stores.card.state;
}

function said(of: { notice: CardState["notice"] } = state()): string {
  return say(of.notice);
}

function posts(): number {
  return phone.school.count("POST", "/student/freezes");
}

beforeEach(async () => {
  phone = new Phone();
  await phone.bound();
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

describe("one tap", () => {
  it("freezes in the same tick, and the school hears of it", async () => {
    const sent = phone.stores.card.freeze(["money", "doors"]);
    assert.equal(state().phase, "frozen");
    assert.equal(state().digits, "");
    assert.equal(state().areDoorsFrozen, true);
    assert.equal(state().isFreezeUnsent, true);
    assert.equal(said(), "card.freeze_sending");
    assert.equal(posts(), 0);
    await sent;
    assert.equal(state().phase, "frozen");
    assert.equal(state().isFreezeUnsent, false);
    assert.equal(phone.school.state, "frozen");
    assert.ok(phone.calls.includes("vibrateShort"));
    assert.equal(phone.brightness, 0.4);
  });

  it("freezes doors alone, and codes go on", async () => {
    await phone.stores.card.freeze(["doors"]);
    assert.equal(state().phase, "ready");
    assert.equal(state().areDoorsFrozen, true);
    assert.equal(state().canLiftAt, 0);
    assert.equal(phone.school.state, "active");
  });

  it("freezes money alone, and the code goes on for doors", async () => {
    await phone.stores.card.freeze(["money"]);
    assert.equal(phone.school.state, "frozen");
    assert.equal(phone.school.areDoorsFrozen, false);
    assert.equal(state().phase, "ready");
    assert.equal(state().isMoneyFrozen, true);
    assert.match(state().digits, /^[0-9]{34}$/);
    await phone.stores.card.freeze(["doors"]); // and then it is good for nothing
    assert.equal(state().phase, "frozen");
    assert.equal(state().digits, "");
  });

  for (const word of ["lost", "closed"] as const) {
    it(`money on its way to a ${word} card shows no code`, async () => {
      phone.school.state = word;
      await phone.stores.card.refresh();
      phone.school.badDay = "offline";
      await phone.stores.card.freeze(["money"]);
      assert.equal(state().phase, word);
      assert.equal(state().digits, "");
      assert.equal(state().isMoneyFrozen, false);
    });
  }

  it("counts the terminals that know until all do", async () => {
    await phone.stores.card.freeze(["money"]);
    phone.school.knownBy = 3;
    await phone.wait(3);
    assert.deepEqual(state().freeze, { knownBy: 3, terminals: 25 });
    phone.school.knownBy = 25;
    await phone.wait(3);
    assert.deepEqual(state().freeze, { knownBy: 25, terminals: 25 });
    const asked = phone.school.count("GET", "/student/freezes");
    await phone.wait(60);
    assert.equal(phone.school.count("GET", "/student/freezes"), asked);
  });

  it("asks slowly when some terminal never answers, and not at all when nobody looks", async () => {
    await phone.stores.card.freeze(["money"]);
    phone.school.knownBy = 24;
    await phone.wait(70);
    const asked = phone.school.count("GET", "/student/freezes");
    await phone.wait(60);
    assert.ok(phone.school.count("GET", "/student/freezes") - asked <= 5);
    phone.stores.card.close();
    const closed = phone.school.count("GET", "/student/freezes");
    await phone.wait(60);
    assert.equal(phone.school.count("GET", "/student/freezes"), closed);
  });
});

describe("a freeze without a network", () => {
  beforeEach(async () => {
    phone.school.badDay = "offline";
    await phone.stores.card.freeze(["money"]);
  });

  it("is shown, and says that the school does not know yet", () => {
    assert.equal(state().isMoneyFrozen, true);
    assert.equal(state().isFreezeUnsent, true);
    assert.equal(state().isOffline, true);
    assert.equal(said(), "card.freeze_waiting");
    assert.equal(phone.school.state, "active");
  });

  it("is sent again by itself, ever more slowly", async () => {
    const lost = () => phone.calls.filter((call) => call.startsWith("lost POST /student/fr")).length;
    assert.equal(lost(), 1);
    await phone.wait(2);
    assert.equal(lost(), 2);
    await phone.wait(4);
    assert.equal(lost(), 3);
    phone.school.badDay = "none";
    await phone.wait(8);
    assert.equal(phone.school.state, "frozen");
    assert.equal(state().isFreezeUnsent, false);
    assert.equal(said(), "");
  });

  it("is sent the moment the network is back", async () => {
    phone.school.badDay = "none";
    phone.emit("NetworkStatusChange", { isConnected: true });
    await phone.settle();
    assert.equal(phone.school.state, "frozen");
    assert.equal(state().isOffline, false);
  });

  it("outlives the mini-program", async () => {
    phone.stores.card.close();
    phone.start();
    await phone.stores.card.open();
    assert.equal(state().isMoneyFrozen, true);
    phone.school.badDay = "none";
    await phone.stores.session.open();
    await phone.settle();
    assert.equal(phone.school.state, "frozen");
    assert.equal(state().isFreezeUnsent, false);
  });

  it("can be taken back at once, and is never sent", async () => {
    assert.equal(state().canLiftAt, 0);
    await phone.stores.card.found();
    assert.equal(state().phase, "ready");
    assert.equal(said(), "card.lifted");
    phone.school.badDay = "none";
    await phone.wait(40);
    assert.equal(posts(), 0);
    assert.equal(phone.school.state, "active");
  });

  it("grows when another part is frozen meanwhile", async () => {
    await phone.stores.card.freeze(["doors"]);
    assert.equal(state().areDoorsFrozen, true);
    phone.school.badDay = "none";
    phone.emit("NetworkStatusChange", { isConnected: true });
    await phone.settle();
    assert.equal(phone.school.areDoorsFrozen, true);
    assert.equal(phone.school.state, "frozen");
    assert.equal(posts(), 1);
  });

  it("stays when storage has no room: it is sent all the same", async () => {
    phone.isFull = true;
    phone.school.badDay = "none";
    phone.emit("NetworkStatusChange", { isConnected: true });
    await phone.settle();
    assert.equal(phone.school.state, "frozen");
  });
});

describe("freezes on their way", () => {
  it("another part, frozen meanwhile, is sent too", async () => {
    phone.delay.set("POST /student/freezes", 2);
    const first = phone.stores.card.freeze(["money"]);
    await phone.settle();
    const second = phone.stores.card.freeze(["doors"]);
    await phone.wait(5);
    await Promise.all([first, second]);
    assert.equal(phone.school.areDoorsFrozen, true);
    assert.equal(state().areDoorsFrozen, true);
    assert.equal(state().isFreezeUnsent, false);
  });

  it("one that was taken back while another was sent is not sent", async () => {
    const { card, staff, session } = phone.stores;
    await session.logInStaff("wang", "pass", "123456");
    phone.school.badDay = "offline";
    await card.freeze(["money"]);
    await staff.freeze(3, ["money"]);
    phone.school.badDay = "none";
    phone.delay.set("POST /student/freezes", 2);
    phone.emit("NetworkStatusChange", { isConnected: true });
    await phone.settle();
    assert.equal(await staff.lift(3), true);
    await phone.wait(3);
    assert.equal(phone.school.state, "frozen"); // the holder's own
    assert.equal(phone.school.count("POST", "/staff/cards/3/freezes"), 0);
  });

  it("one the server has no time for waits its turn", async () => {
    phone.school.instead.set("POST /student/freezes", () => ({
      status: 429,
      data: refusal("too_many_requests", { seconds: 3 }),
    }));
    await phone.stores.card.freeze(["money"]);
    assert.equal(state().isMoneyFrozen, true);
    assert.equal(state().isFreezeUnsent, true);
    phone.school.instead.clear();
    await phone.wait(3);
    assert.equal(state().isFreezeUnsent, false);
    assert.equal(phone.school.state, "frozen");
  });
});

describe("a freeze the school does not take", () => {
  it("is taken back, and the school's sentence is said", async () => {
    phone.school.instead.set("POST /student/freezes", () => ({
      status: 409,
      data: refusal("card_closed"),
    }));
    phone.school.state = "closed";
    await phone.stores.card.freeze(["money"]);
    assert.equal(state().isFreezeUnsent, false);
    assert.equal(said(), "card_closed");
    await phone.settle();
    assert.equal(state().phase, "closed");
  });

  it("for want of a session is told to be done elsewhere, and not shown as done", async () => {
    phone.school.isWechatOn = false;
    phone.school.endSessions("student");
    await phone.stores.card.freeze(["money"]);
    await phone.settle();
    assert.equal(state().phase, "ready");
    assert.equal(said(), "card.freeze_failed");
  });

  it("while the server is down is tried again", async () => {
    phone.school.instead.set("POST /student/freezes", () => ({ status: 503, data: refusal("away") }));
    await phone.stores.card.freeze(["money"]);
    assert.equal(state().isMoneyFrozen, true);
    assert.equal(said(), "card.freeze_waiting");
    phone.school.instead.clear();
    await phone.wait(3);
    assert.equal(phone.school.state, "frozen");
  });
});

describe("found", () => {
  beforeEach(() => phone.stores.card.freeze(["money", "doors"]));

  it("waits for the cool-down, counting", async () => {
    assert.equal(state().canLiftAt, NOW + 60);
    assert.equal(state().liftSecondsLeft, 60);
    await phone.stores.card.found();
    assert.equal(said(), "card.lift_wait");
    assert.equal(phone.school.count("DELETE", "/student/freezes"), 0);
    await phone.wait(60);
    assert.equal(state().liftSecondsLeft, 0);
    await phone.stores.card.found();
    assert.equal(state().phase, "ready");
    assert.equal(state().areDoorsFrozen, false);
    assert.equal(state().freeze, null);
    assert.equal(said(), "card.lifted");
    assert.match(state().digits, /^[0-9]{34}$/);
  });

  it("needs the network, and says so", async () => {
    await phone.wait(60);
    phone.school.badDay = "offline";
    await phone.stores.card.found();
    assert.equal(state().phase, "frozen");
    assert.equal(said(), "card.lift_needs_network");
  });

  it("believes the server's cool-down, not its own", async () => {
    phone.school.frozenAt += 30;
    await phone.wait(1);
    phone.school.instead.set("GET /student/freezes", () => ({ status: 503, data: {} }));
    await phone.wait(60);
    assert.equal(state().liftSecondsLeft > 0 || state().canLiftAt === NOW + 60, true);
    phone.school.frozenAt = phone.school.now();
    await phone.stores.card.found();
    assert.equal(state().phase, "frozen");
    assert.equal(said(), "too_many_requests");
    assert.equal(state().liftSecondsLeft, 60);
  });

  it("is not the holder's to say when the office froze the card", async () => {
    phone.school.frozenBy = "staff";
    await phone.wait(60);
    await phone.stores.card.found();
    assert.equal(said(), "frozen_by_office");
    assert.equal(state().canLiftAt, null);
    await phone.wait(20);
    assert.equal(state().canLiftAt, null);
    // once the office has lifted it, the next freeze is the holder's own again
    Object.assign(phone.school, { state: "active", areDoorsFrozen: false, frozenAt: 0 });
    await phone.stores.card.refresh();
    assert.equal(state().phase, "ready");
    await phone.stores.card.freeze(["money"]);
    assert.equal(state().canLiftAt, phone.school.now() + 60);
  });
});

describe("a guardian's freeze", () => {
  beforeEach(async () => {
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "林先生");
    await phone.stores.guardian.open();
    await phone.stores.guardian.openChild(8);
  });
  afterEach(() => phone.stores.guardian.closeChild());

  it("is shown at once, counted, and lifted after the cool-down", async () => {
    const child = () => phone.stores.guardian.state.chosen;
    const sent = phone.stores.guardian.freeze(8, ["money", "doors"]);
    assert.equal(child()?.cardState, "frozen");
    assert.equal(child()?.isFreezeUnsent, true);
    await sent;
    assert.equal(phone.school.state, "frozen");
    assert.equal(child()?.isFreezeUnsent, false);
    phone.school.knownBy = 25;
    await phone.wait(3);
    assert.deepEqual(phone.stores.guardian.state.freeze, { knownBy: 25, terminals: 25 });
    assert.equal(await phone.stores.guardian.found(8), false); // too soon
    assert.equal(said(phone.stores.guardian.state), "too_many_requests");
    await phone.wait(60);
    assert.equal(phone.stores.guardian.state.liftSecondsLeft, 0);
    assert.equal(await phone.stores.guardian.found(8), true);
    assert.equal(child()?.cardState, "active");
  });

  it("waits for the network and is told so", async () => {
    phone.school.badDay = "offline";
    await phone.stores.guardian.freeze(8, ["money"]);
    assert.equal(phone.stores.guardian.state.chosen?.cardState, "frozen");
    assert.equal(said(phone.stores.guardian.state), "card.freeze_waiting");
    assert.equal(phone.stores.guardian.state.isOffline, true);
    assert.equal(await phone.stores.guardian.found(8), true); // taken back
    assert.equal(phone.stores.guardian.state.chosen?.cardState, "active");
    phone.school.badDay = "none";
    await phone.wait(10);
    assert.equal(phone.school.state, "active");
  });

  it("by the office is not his to lift", async () => {
    Object.assign(phone.school, { state: "frozen", frozenBy: "staff" });
    await phone.stores.guardian.open();
    assert.equal(await phone.stores.guardian.found(8), false);
    assert.equal(phone.stores.guardian.state.canLiftAt, null);
    assert.equal(said(phone.stores.guardian.state), "frozen_by_office");
  });
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CardState } from "../stores/card";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { rightCode } from "./right";
import { refusal, secretsOf } from "./school";

let phone: Phone;

function right(at: number): string | null {
  return rightCode(phone.school, at);
}

function state(): CardState {
  return phone.stores.card.state;
}

function said(): string {
  return say(state().notice);
}

beforeEach(() => {
  phone = new Phone();
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

describe("bad days", () => {
  beforeEach(() => phone.bound());

  for (const [day, key] of [
    ["offline", "net.offline"],
    ["broken", "net.server_busy"],
    ["portal", "net.unknown_answer"],
  ] as const) {
    it(`${day}: the code stays, the sentence comes, and goes`, async () => {
      phone.school.badDay = day;
      await phone.stores.card.refresh();
      assert.equal(state().phase, "ready");
      assert.equal(state().isOffline, true);
      assert.equal(said(), key);
      phone.school.badDay = "none";
      phone.emit("NetworkStatusChange", { isConnected: true, networkType: "wifi" });
      await phone.settle();
      assert.equal(state().isOffline, false);
      assert.equal(said(), "");
    });
  }

  it("a slow network gives up after 8 seconds and never holds the code", async () => {
    phone.school.badDay = "slow";
    const refreshing = phone.stores.card.refresh();
    await phone.wait(7);
    assert.equal(state().isRefreshing, true);
    assert.equal(state().digits, right(NOW));
    await phone.wait(1);
    await refreshing;
    assert.equal(state().isRefreshing, false);
    assert.equal(said(), "net.slow");
  });

  it("a read that was lost is asked once more, a deed is not", async () => {
    phone.school.badDay = "offline";
    const lost = (what: string) => phone.calls.filter((call) => call === `lost ${what}`).length;
    await phone.stores.card.refresh();
    assert.equal(lost("GET /student/card"), 2);
    await phone.stores.card.freeze(["money"]);
    assert.equal(lost("POST /student/freezes"), 1);
  });

  it("an expired session is renewed by WeChat without a word", async () => {
    phone.school.endSessions("student");
    phone.school.pursesFen = { cash: 1 };
    await phone.stores.card.refresh();
    assert.equal(said(), "");
    assert.equal(state().balanceFen, 1);
    assert.equal(phone.school.count("POST", "/student/sessions"), 1); // one for both requests
  });

  it("an expired session without WeChat is said, and the code stays", async () => {
    phone.school.isWechatOn = false;
    phone.school.endSessions("student");
    await phone.stores.card.refresh();
    assert.equal(said(), "session.ended");
    assert.equal(state().digits, right(NOW));
  });

  it("a session that ends the moment it is renewed is said, not asked for for ever", async () => {
    phone.school.instead.set("GET /student/card", () => ({ status: 401, data: refusal("nobody") }));
    await phone.stores.card.refresh();
    assert.equal(said(), "session.ended");
    assert.equal(phone.school.count("POST", "/student/sessions"), 1);
  });

  it("a login code that WeChat does not take is WeChat's sentence, not an ended session", async () => {
    phone.school.endSessions("student");
    phone.school.instead.set("POST /student/sessions", () => ({
      status: 401,
      data: refusal("wrong_wechat_code"),
    }));
    await phone.stores.card.refresh();
    assert.equal(said(), "wrong_wechat_code");
    assert.equal(state().phase, "ready");
  });

  it("the portal's clock is not the school's", async () => {
    phone.school.badDay = "portal";
    await phone.stores.card.refresh();
    assert.equal(phone.plain.has("clock"), false);
    assert.equal(state().digits, right(NOW));
  });

  it("storage was cleared: WeChat finds the card again", async () => {
    phone.stores.card.close();
    phone.secret.clear();
    phone.plain.clear();
    phone.start();
    await phone.stores.card.open();
    assert.equal(state().phase, "unbound");
    await phone.settle();
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(NOW));
    assert.equal(state().balanceFen, 6250);
  });

  it("storage cannot be read: the same", async () => {
    phone.stores.card.close();
    phone.isStorageBroken = true;
    phone.start();
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "ready");
  });

  it("storage is full: caches go first, then it is said, and the code stays", async () => {
    phone.stores.card.close();
    phone.secret.set("statement", "[]");
    phone.secret.set("children", "[]");
    phone.start();
    await phone.stores.card.open();
    phone.isFull = true;
    await phone.wait(1);
    phone.school.pursesFen = { cash: 100 };
    await phone.stores.card.refresh();
    await phone.settle();
    assert.equal(phone.secret.has("statement"), false);
    assert.equal(phone.secret.has("children"), false);
    assert.equal(said(), "storage.full");
    assert.equal(state().balanceFen, 100);
    assert.equal(state().phase, "ready");
  });

  it("half a write is as good as none", async () => {
    phone.stores.card.close();
    phone.secret.set("secrets", '[{"epoch":7,');
    phone.secret.set("card", "[");
    phone.start();
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "ready");
  });

  it("secrets that cannot be read are not kept", async () => {
    phone.school.instead.set("GET /student/secrets", () => ({
      status: 200,
      data: { server_at: NOW, secrets: [{ ...secretsOf(7, "20240013", 2), issuer_secret: "" }] },
    }));
    const kept = phone.secret.get("secrets");
    await phone.stores.card.refresh();
    assert.equal(said(), "net.unknown_answer");
    assert.equal(phone.secret.get("secrets"), kept);
    assert.equal(state().phase, "ready");
  });

  it("the card was frozen meanwhile, by somebody else", async () => {
    Object.assign(phone.school, { state: "frozen", frozenAt: NOW, frozenBy: "staff" });
    await phone.stores.card.refresh();
    assert.equal(state().isMoneyFrozen, true);
    assert.equal(said(), "card.frozen_elsewhere");
    assert.match(state().digits, /^[0-9]{34}$/); // for doors
    phone.school.areDoorsFrozen = true;
    await phone.stores.card.refresh();
    assert.equal(state().phase, "frozen");
    assert.equal(state().digits, "");
    assert.equal(phone.brightness, 0.4);
  });

  for (const word of ["lost", "closed"] as const) {
    it(`the card is ${word}`, async () => {
      phone.school.state = word;
      await phone.stores.card.refresh();
      assert.equal(state().phase, word);
      assert.equal(state().digits, "");
    });
  }

  it("another phone has the card: no code is left here, nor after a restart", async () => {
    phone.school.bindElsewhere();
    await phone.stores.card.refresh();
    await phone.settle();
    assert.equal(state().phase, "replaced");
    assert.equal(state().digits, "");
    assert.equal(said(), "card.replaced");
    assert.equal(phone.secret.has("secrets"), false);
    phone.stores.card.close();
    phone.start();
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "replaced");
  });

  it("the same WeChat on another phone has it: the issue tells", async () => {
    phone.school.bindElsewhere();
    phone.school.knownOpenid = "me";
    await phone.stores.card.refresh();
    await phone.settle();
    assert.equal(state().phase, "replaced");
    const asked = phone.school.asked.length;
    await phone.stores.card.refresh();
    assert.equal(phone.school.asked.length, asked); // and it does not log in over and over
  });

  it("a phone that had another card before shows the new one", async () => {
    phone.school.bindElsewhere();
    await phone.stores.card.refresh();
    phone.school.card = "57299993";
    assert.equal(await phone.stores.session.bindStudent(phone.school.bindingCode), true);
    assert.equal(state().phase, "ready");
    assert.equal(state().cardNumber, "57299993");
    assert.equal(state().digits, right(NOW));
  });

  it("an answer from before a freeze, that comes after it, does not undo it", async () => {
    phone.delay.set("GET /student/card", 3);
    const refreshing = phone.stores.card.refresh();
    await phone.settle();
    await phone.stores.card.freeze(["money"]);
    assert.equal(state().isFreezeUnsent, false);
    await phone.wait(3);
    await refreshing;
    assert.equal(state().isMoneyFrozen, true);
  });

  it("an old session's end, heard after a new binding, does not end that", async () => {
    phone.school.bindElsewhere();
    phone.delay.set("POST /student/sessions", 3);
    void phone.stores.card.refresh();
    await phone.settle();
    const binding = phone.stores.session.bindStudent(phone.school.bindingCode);
    await phone.wait(4);
    assert.equal(await binding, true);
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(Math.floor(Date.now() / 1000)));
  });

  it("an unknown answer of the server is its own sentence", async () => {
    phone.school.instead.set("GET /student/card", () => ({
      status: 409,
      data: refusal("card_away"),
    }));
    await phone.stores.card.refresh();
    assert.equal(said(), "card_away");
    assert.equal(state().phase, "ready");
  });
});

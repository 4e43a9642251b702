import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CardState } from "../stores/card";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { rightCode } from "./right";
import { EPOCH_7, WEEK } from "./school";

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

describe("a bound phone", () => {
  beforeEach(() => phone.bound());

  it("shows the right code, balance and day's spending", () => {
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(NOW));
    assert.equal(state().groups.join(""), state().digits);
    assert.equal(state().balanceFen, 6250);
    assert.equal(state().spentTodayFen, 800);
    assert.equal(state().balanceAsOf, NOW);
    assert.equal(state().holderName, "林晓");
    assert.deepEqual(state().purses, [
      { purse: "cash", balanceFen: 5000 },
      { purse: "benefit", balanceFen: 1250 },
    ]);
    assert.equal(said(), "");
  });

  it("rotates every 15 seconds, counting down between", async () => {
    const first = state().digits;
    await phone.wait(14);
    assert.equal(state().digits, first);
    assert.equal(state().secondsLeft, 1);
    await phone.wait(1);
    assert.equal(state().digits, right(NOW + 15));
    assert.equal(state().secondsLeft, 15);
  });

  it("opens from storage without asking anybody", async () => {
    phone.stores.card.close();
    phone.school.badDay = "slow";
    phone.start();
    await phone.stores.card.open(); // and not a moment of time passed
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(NOW));
    assert.equal(state().balanceFen, 6250);
    assert.equal(state().isRefreshing, true);
  });

  it("is right after three days offline, and says from when the balance is", async () => {
    phone.stores.card.close();
    phone.school.badDay = "offline";
    phone.start();
    await phone.sleep(3 * 86_400);
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(NOW + 3 * 86_400));
    assert.equal(state().isOffline, true);
    assert.equal(state().balanceAsOf, NOW);
    assert.equal(said(), "net.offline");
  });

  it("lasts through the next epoch, warns before the end, then says what to do", async () => {
    const until = EPOCH_7 + 2 * WEEK + 3600;
    assert.equal(state().offlineUntil, until);
    phone.stores.card.close();
    phone.school.badDay = "offline";
    phone.start();
    await phone.sleep(until - NOW - 3600);
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "ready");
    assert.equal(said(), "card.secrets_end_soon");
    await phone.sleep(3600);
    await phone.wait(1);
    assert.equal(state().phase, "no_secrets");
    assert.equal(state().digits, "");
    phone.school.badDay = "none";
    await phone.stores.card.refresh();
    assert.equal(state().phase, "ready");
    assert.equal(state().digits, right(Math.floor(Date.now() / 1000)));
  });

  it("fetches the secrets of the next epoch whenever it is online", async () => {
    await phone.sleep(WEEK); // now epoch 8 is this epoch
    await phone.stores.card.refresh();
    assert.equal(state().offlineUntil, EPOCH_7 + 3 * WEEK + 3600);
  });

  it("is bright and awake while it shows a code, and as before afterwards", async () => {
    assert.equal(phone.brightness, 1);
    assert.ok(phone.calls.includes("awake true"));
    assert.ok(phone.calls.includes("capture hidden"));
    phone.stores.card.close();
    assert.equal(phone.brightness, 0.4);
    assert.equal(phone.calls.filter((call) => call.startsWith("awake")).pop(), "awake false");
    assert.equal(phone.calls.filter((call) => call.startsWith("capture")).pop(), "capture none");
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(phone.brightness, 1);
  });

  it("does not light up when it was closed before it was painted", async () => {
    phone.stores.card.close();
    phone.start();
    phone.brightness = 0.3;
    const opening = phone.stores.card.open();
    phone.stores.card.close();
    await opening;
    await phone.settle();
    assert.equal(phone.brightness, 0.3);
    assert.equal(phone.listeners.get("UserCaptureScreen")?.size ?? 0, 0);
    assert.equal(phone.listeners.get("NetworkStatusChange")?.size ?? 0, 1); // the unsent freezes'
  });

  it("does not light up when it was closed before the phone said how bright it is", async () => {
    phone.stores.card.close();
    phone.brightness = 0.3;
    phone.delay.set("getScreenBrightness", 1);
    await phone.stores.card.open();
    phone.stores.card.close();
    await phone.wait(2);
    assert.equal(phone.brightness, 0.3);
  });

  it("hides the code after a screenshot until the next one", async () => {
    await phone.wait(3);
    phone.emit("UserCaptureScreen");
    assert.equal(state().isHidden, true);
    assert.equal(state().digits, "");
    assert.equal(said(), "card.captured");
    await phone.wait(12);
    assert.equal(state().isHidden, false);
    assert.equal(state().digits, right(NOW + 15));
    assert.equal(said(), "");
  });

  it("hides the code while the screen is recorded, and the filmed one for good", async () => {
    phone.emit("ScreenRecordingStateChanged", { state: "start" });
    await phone.wait(20);
    assert.equal(state().isHidden, true);
    assert.equal(said(), "card.recorded");
    phone.emit("ScreenRecordingStateChanged", { state: "stop" });
    assert.equal(state().isHidden, true);
    await phone.wait(10);
    assert.equal(state().isHidden, false);
    assert.equal(state().digits, right(NOW + 30));
  });

  it("hides the code when it is opened while the screen is recorded", async () => {
    phone.stores.card.close();
    phone.recording = "on";
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().isHidden, true);
  });
});

describe("a phone whose clock is wrong", () => {
  for (const skew of [600, -600]) {
    it(`by ${skew} seconds shows the school's code once it has heard the time`, async () => {
      phone.end();
      phone = new Phone(skew);
      await phone.bound();
      const at = Math.floor(Date.now() / 1000) - skew;
      assert.ok([right(at), right(at - 1), right(at + 1)].includes(state().digits));
      assert.equal(said(), "card.clock_wrong");
      phone.stores.card.close();
      phone.school.badDay = "offline";
      phone.start();
      await phone.sleep(7); // into the middle of a step
      await phone.stores.card.open();
      assert.equal(state().digits, right(at + 7));
    });
  }
});

describe("an unbound phone", () => {
  it("says so, asks WeChat once, and is not asked again at every opening", async () => {
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(state().phase, "unbound");
    assert.equal(said(), "");
    phone.stores.card.close();
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(phone.school.count("POST", "/student/sessions"), 1);
  });

  it("tells everybody who follows it, until he stops", async () => {
    const phases: string[] = [];
    const end = phone.stores.card.subscribe((now) => phases.push(now.phase));
    await phone.stores.card.open();
    end();
    await phone.stores.session.bindStudent(phone.school.bindingCode);
    assert.equal(phases[0], "starting");
    assert.equal(phases.includes("ready"), false);
    assert.equal(state().phase, "ready");
  });
});

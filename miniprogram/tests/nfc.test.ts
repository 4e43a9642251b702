import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { derive, EPOCH_7, ISSUER_MASTER, TERMINAL_MASTER, WEEK } from "./school";
import { createHmac } from "node:crypto";

const SELECT = "00a4040007f043415244000100";
const GET_CODE = "80ca000000";
const ASKED = "0102030405060708" + "0000002a" + "000004e2";
const CHALLENGE = `80cc000010${ASKED}00`;

let phone: Phone;

function nfc(): string {
  return say(phone.stores.card.state.hce);
}

beforeEach(() => {
  phone = new Phone();
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

describe("a phone in a reader's field", () => {
  beforeEach(() => phone.bound());

  it("shows the digits that are on the screen", async () => {
    assert.equal(nfc(), "hce.ready");
    assert.equal(await phone.apdu(SELECT), "019000");
    const digits = Buffer.from(phone.stores.card.state.digits).toString("hex");
    assert.equal(await phone.apdu(GET_CODE), `${digits}9000`);
    await phone.wait(15);
    const next = Buffer.from(phone.stores.card.state.digits).toString("hex");
    assert.notEqual(next, digits);
    assert.equal(await phone.apdu(GET_CODE), `${next}9000`);
  });

  it("answers a challenge with both MACs", async () => {
    await phone.apdu(SELECT);
    const answer = await phone.apdu(CHALLENGE);
    const { digits } = phone.stores.card.state;
    const message = Buffer.concat([
      Buffer.from(`campus-code/9/challenge${digits}`),
      Buffer.from(ASKED, "hex"),
    ]);
    const epoch = 7 + Math.floor((NOW - EPOCH_7) / WEEK);
    const macs = (
      [
        [TERMINAL_MASTER, "terminal"],
        [ISSUER_MASTER, "issuer"],
      ] as const
    ).map(([master, role]) => {
      const secret = derive(master, role, epoch, phone.school.card, phone.school.issue);
      return createHmac("sha256", secret).update(message).digest("hex").slice(0, 16);
    });
    assert.equal(answer, `${Buffer.from(digits).toString("hex")}${macs.join("")}9000`);
  });

  it("is asked to select anew by the next reader", async () => {
    await phone.apdu(SELECT);
    phone.emit("HCEMessage", { messageType: 2, reason: 0 });
    assert.equal(await phone.apdu(GET_CODE), "6985");
  });

  it("says nothing once frozen, and stops when the page is left", async () => {
    await phone.apdu(SELECT);
    const sent = phone.stores.card.freeze(["money", "doors"]);
    assert.equal(phone.listeners.get("HCEMessage")?.size, 0);
    assert.ok(phone.calls.includes("stopHCE"));
    await sent;
  });

  it("tells when WeChat did not take an answer", async () => {
    phone.hceFails = { on: "sendHCEMessage", errCode: 13005 };
    await phone.apdu(SELECT);
    assert.equal(nfc(), "hce.13005");
  });

  it("is stopped when it began only after the page was left", async () => {
    phone.stores.card.close();
    const stops = phone.calls.filter((call) => call === "stopHCE").length;
    phone.delay.set("startHCE", 2);
    await phone.stores.card.open();
    await phone.settle();
    phone.stores.card.close();
    await phone.wait(3);
    assert.equal(phone.listeners.get("HCEMessage")?.size, 0);
    assert.equal(phone.calls.filter((call) => call === "stopHCE").length, stops + 1);
  });

  it("starts again when the page comes back", async () => {
    phone.stores.card.close();
    await phone.stores.card.open();
    await phone.settle();
    assert.equal(phone.listeners.get("HCEMessage")?.size, 1);
    assert.equal(await phone.apdu(SELECT), "019000");
  });
});

describe("a phone without NFC", () => {
  for (const code of [13000, 13001, 13002, 13003, 13004, 13006]) {
    it(`says why: ${code}`, async () => {
      phone.hceFails = { on: code < 13003 ? "getHCEState" : "startHCE", errCode: code };
      await phone.bound();
      assert.equal(nfc(), `hce.${code}`);
      assert.equal(phone.stores.card.state.phase, "ready");
      assert.equal(phone.listeners.get("HCEMessage")?.size ?? 0, 0);
    });
  }

  it("says that it failed where WeChat gives no reason we know", async () => {
    phone.hceFails = { on: "startHCE", errCode: 13999 };
    await phone.bound();
    assert.equal(nfc(), "hce.failed");
  });
});

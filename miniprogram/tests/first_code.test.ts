/** The code comes first: what the phone does before it is drawn, and what waits. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { cardFace, FIRST_FRAME, firstOf } from "../pages/card/face";
import { NOW, Phone } from "./phone";
import { rightCode } from "./right";

let phone: Phone;

beforeEach(async () => {
  phone = new Phone();
  await phone.bound();
  phone.stores.card.close();
  phone.start();
  phone.brightness = 0.3;
  phone.calls.length = 0;
  phone.school.asked.length = 0;
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

function drawing(): { drawn: Promise<void>; draw: () => void } {
  let draw = (): void => undefined;
  const drawn = new Promise<void>((resolve) => {
    draw = resolve;
  });
  return { drawn, draw };
}

describe("until the first code is drawn", () => {
  it("the state has it, and nobody is asked and nothing lights up", async () => {
    const { drawn, draw } = drawing();
    await phone.stores.card.open(drawn);
    await phone.settle();
    assert.equal(phone.stores.card.state.digits, rightCode(phone.school, NOW));
    assert.equal(phone.stores.card.state.isRefreshing, false);
    assert.equal(phone.brightness, 0.3);
    assert.deepEqual(phone.school.asked, []);
    draw();
    await phone.settle();
    assert.equal(phone.brightness, 1);
    assert.notDeepEqual(phone.school.asked, []);
  });

  it("a screenshot costs the code all the same", async () => {
    await phone.stores.card.open(drawing().drawn);
    phone.emit("UserCaptureScreen");
    assert.equal(phone.stores.card.state.isHidden, true);
    assert.equal(phone.stores.card.state.digits, "");
  });

  it("a page that was left by then lights nothing up", async () => {
    const { drawn, draw } = drawing();
    await phone.stores.card.open(drawn);
    phone.stores.card.close();
    draw();
    await phone.settle();
    assert.equal(phone.brightness, 0.3);
    assert.deepEqual(phone.school.asked, []);
  });

  it("storage that was read at the start is not read again", async () => {
    await phone.stores.card.load();
    assert.equal(phone.stores.card.state.digits, rightCode(phone.school, NOW));
    phone.secret.clear();
    await phone.stores.card.open();
    assert.equal(phone.stores.card.state.digits, rightCode(phone.school, NOW));
  });
});

describe("the first frame", () => {
  it("has the code and how the card is, and none of the rest", async () => {
    await phone.stores.card.open();
    const first = firstOf(cardFace(phone.stores.card.state, "qr", NOW, "zh"));
    assert.deepEqual(Object.keys(first), Object.keys(FIRST_FRAME));
    assert.equal(first["digits"], rightCode(phone.school, NOW));
    assert.notEqual(first["state"], "");
  });

  it("is whole at once where there is no code", async () => {
    await phone.stores.session.logOut();
    await phone.stores.card.open();
    const face = cardFace({ ...phone.stores.card.state, phase: "unbound" }, "qr", NOW, "zh");
    assert.deepEqual(firstOf(face), face);
    assert.equal(face["isWhole"], true);
  });
});

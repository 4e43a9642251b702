/** Messages by WeChat: asked for at a tap, one by one, and never in the way of anything. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Phone } from "./phone";
import { say } from "./said";

let phone: Phone;

beforeEach(async () => {
  phone = new Phone();
  await phone.bound();
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

describe("messages", () => {
  beforeEach(async () => {
    phone.school.instead.set("GET /student/subscriptions", () => ({
      status: 200,
      data: {
        templates: ["freeze", "top_up"].map((template, at) => ({
          template,
          template_id: `t-${at + 1}`,
          is_long_term: at === 1,
          is_agreed: at === 1,
          messages_left: 0,
        })),
        ask_now: ["top_up", "freeze"],
      },
    }));
    phone.school.instead.set("POST /student/subscriptions", ({ body }) => ({
      status: 201,
      data: { payment: 0, freeze: body?.["accepted"] === true ? 1 : 0 },
    }));
    await phone.stores.messages.open();
  });

  it("are agreed to one by one, and only those the school sends", async () => {
    const { messages } = phone.stores;
    assert.deepEqual(messages.state.kinds, ["freeze", "top_up"]);
    assert.deepEqual(messages.state.agreed, ["top_up"]);
    assert.equal(await messages.agree("payment"), false);
    assert.equal(await messages.agree("freeze"), true);
    assert.deepEqual(messages.state.left, { payment: 0, freeze: 1 });
  });

  it("are asked for in one dialogue at a tap that fits, once", async () => {
    const { messages } = phone.stores;
    await messages.agreeNow();
    await messages.agreeNow();
    assert.deepEqual(phone.calls.filter((call) => call.startsWith("messages")), ["messages t-1 t-2"]);
    const told = phone.school.asked.filter(({ method, path }) => path === "/student/subscriptions" && method === "POST");
    assert.deepEqual(
      told.map(({ body }) => [body?.["template"], body?.["accepted"]]),
      [["freeze", true], ["top_up", true]],
    );
  });

  it("of guardians are the guardian's own", async () => {
    phone.school.instead.set("GET /guardian/subscriptions", () => ({
      status: 200,
      data: { templates: [], ask_now: [] },
    }));
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "妈妈");
    await phone.stores.messages.open("guardian");
    assert.deepEqual(phone.stores.messages.state.kinds, []);
    await phone.stores.messages.agreeNow();
    assert.equal(phone.calls.some((call) => call.startsWith("messages")), false);
  });

  for (const [answer, key] of [
    ["reject", ""],
    [20004, ""],
    [10002, "messages.failed"],
  ] as const) {
    it(`answered with ${answer} are not sent`, async () => {
      phone.messageAnswer = answer;
      assert.equal(await phone.stores.messages.agree("freeze"), false);
      assert.equal(say(phone.stores.messages.state.notice), key);
      assert.equal(phone.stores.messages.state.left?.freeze ?? 0, 0);
    });
  }
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { NOW, Phone } from "./phone";
import { say } from "./said";
import { refusal } from "./school";

let phone: Phone;

function said(notice = phone.stores.session.state.notice): string {
  return say(notice);
}

beforeEach(() => {
  phone = new Phone();
});
afterEach(() => {
  phone.stores.card.close();
  phone.end();
});

describe("binding a student's phone", () => {
  it("brings session, secrets and the first answer", async () => {
    assert.equal(await phone.stores.session.bindStudent(`  ${phone.school.bindingCode} `), true);
    const { role, roles, isBusy } = phone.stores.session.state;
    assert.deepEqual({ role, roles, isBusy }, { role: "student", roles: ["student"], isBusy: false });
    assert.equal(phone.stores.card.state.phase, "ready");
    const asked = phone.school.asked.find((one) => one.path === "/student/bindings");
    assert.equal(asked?.body?.["code"], phone.school.bindingCode);
    assert.match(String(asked?.body?.["wechat_code"]), /^code-/);
    assert.equal(asked?.token, null);
  });

  it("works without WeChat's help", async () => {
    phone.loginFails = true;
    assert.equal(await phone.stores.session.bindStudent(phone.school.bindingCode), true);
    const asked = phone.school.asked.find((one) => one.path === "/student/bindings");
    assert.deepEqual(Object.keys(asked?.body ?? {}), ["code"]);
    // and an ended session then says nothing about another phone
    phone.school.endSessions("student");
    phone.loginFails = false;
    await phone.stores.card.refresh();
    assert.equal(phone.stores.card.state.phase, "ready");
    assert.equal(said(phone.stores.card.state.notice), "session.ended");
  });

  it("with a wrong code says the server's sentence", async () => {
    assert.equal(await phone.stores.session.bindStudent("WRONG"), false);
    assert.equal(said(), "wrong_binding_code");
    assert.equal(phone.stores.session.state.role, "none");
    phone.stores.session.dismissNotice();
    assert.equal(said(), "");
  });

  it("without a code, a network or a server says so", async () => {
    assert.equal(await phone.stores.session.bindStudent("  "), false);
    assert.equal(said(), "session.empty_code");
    phone.school.badDay = "offline";
    assert.equal(await phone.stores.session.bindStudent("X"), false);
    assert.equal(said(), "net.offline");
    phone.school.badDay = "broken";
    assert.equal(await phone.stores.session.bindStudent("X"), false);
    assert.equal(said(), "net.server_busy");
    assert.equal(phone.school.asked.length, 1); // what is empty is not sent
  });

  it("is not done twice at a time", async () => {
    const both = [1, 2].map(() => phone.stores.session.bindStudent(phone.school.bindingCode));
    assert.deepEqual(await Promise.all(both), [true, false]);
    assert.equal(phone.school.count("POST", "/student/bindings"), 1);
  });

  it("works where the school has no WeChat, or WeChat is away", async () => {
    phone.school.isWechatOn = false;
    assert.equal(await phone.stores.session.bindStudent(phone.school.bindingCode), true);
    const asked = phone.school.asked.filter((one) => one.path === "/student/bindings");
    assert.deepEqual(
      asked.map((one) => "wechat_code" in (one.body ?? {})),
      [true, false],
    );
    assert.equal(phone.stores.card.state.phase, "ready");
  });

  it("whose answer was lost is finished by trying again with the same code", async () => {
    const { session, card } = phone.stores;
    const code = phone.school.bindingCode;
    phone.school.isCodeOnce = true;
    phone.school.badDay = "lost";
    assert.equal(await session.bindStudent(code), false);
    assert.equal(said(), "net.offline");
    phone.school.badDay = "none";
    assert.equal(await session.bindStudent(code), true);
    assert.equal(card.state.phase, "ready");
    assert.equal(session.state.role, "student");
  });

  it("with a wrong code is not finished by WeChat, who may know another card", async () => {
    const { session } = phone.stores;
    phone.school.knownOpenid = "me";
    phone.school.badDay = "offline";
    assert.equal(await session.bindStudent("TYPO"), false);
    phone.school.badDay = "none";
    assert.equal(await session.bindStudent("OTHER"), false);
    assert.equal(said(), "wrong_binding_code");
    assert.equal(session.state.role, "none");
  });

  it("again, while an old answer is on its way, ends with the new card", async () => {
    await phone.bound();
    phone.school.bindElsewhere();
    const refreshing = phone.stores.card.refresh();
    await phone.stores.session.bindStudent(phone.school.bindingCode);
    await refreshing;
    await phone.settle();
    assert.equal(phone.stores.card.state.phase, "ready");
    assert.equal(phone.stores.card.state.balanceAsOf, NOW);
  });

  it("by phone number needs the number", async () => {
    assert.equal(await phone.stores.session.bindStudentByPhone(undefined), false);
    assert.equal(said(), "session.phone_denied");
    phone.school.instead.set("POST /student/phone-bindings", () => ({
      status: 404,
      data: refusal("unknown_phone"),
    }));
    assert.equal(await phone.stores.session.bindStudentByPhone("p-1"), false);
    assert.equal(said(), "unknown_phone");
    assert.equal(phone.school.asked[0]?.body?.["phone_code"], "p-1");
  });

  it("where the school has no WeChat says to use a code", async () => {
    phone.school.instead.set("POST /student/phone-bindings", () => ({
      status: 503,
      data: refusal("wechat_off"),
    }));
    assert.equal(await phone.stores.session.bindStudentByPhone("p-1"), false);
    assert.equal(said(), "session.wechat_off");
  });
});

describe("the privacy guide", () => {
  it("is asked for, agreed to, and WeChat goes on", async () => {
    await phone.stores.session.open();
    const answers: unknown[] = [];
    phone.emit("NeedPrivacyAuthorization", (answer: unknown) => answers.push(answer));
    assert.equal(phone.stores.session.state.needsPrivacy, true);
    phone.stores.session.agreePrivacy();
    assert.equal(phone.stores.session.state.needsPrivacy, false);
    assert.deepEqual(answers, [{ event: "agree", buttonId: "agree" }]);
  });

  it("denied: said once, and a code still works", async () => {
    await phone.stores.session.open();
    const answers: unknown[] = [];
    phone.emit("NeedPrivacyAuthorization", (answer: unknown) => answers.push(answer));
    phone.stores.session.denyPrivacy();
    assert.deepEqual(answers, [{ event: "disagree" }]);
    assert.equal(said(), "session.privacy_denied");
    assert.equal(await phone.stores.session.bindStudentByPhone(undefined), false);
    assert.equal(said(), "session.privacy_denied");
    assert.equal(await phone.stores.session.bindStudent(phone.school.bindingCode), true);
  });
});

describe("guardians", () => {
  it("bind with a name, and again for one more child", async () => {
    const { session } = phone.stores;
    assert.equal(await session.bindGuardian(phone.school.bindingCode, "  "), false);
    assert.equal(said(), "session.empty_name");
    assert.equal(await session.bindGuardian(phone.school.bindingCode, " 林先生 "), true);
    assert.equal(session.state.role, "guardian");
    const asked = phone.school.asked.find((one) => one.path === "/guardian/bindings");
    assert.equal(asked?.body?.["name"], "林先生");
    assert.equal(said(), "");
    assert.equal(await session.bindGuardian(phone.school.bindingCode, "林先生"), true);
    assert.equal(said(), "guardian.child_added");
  });

  it("cannot bind without WeChat, and are told", async () => {
    phone.loginFails = true;
    const { session } = phone.stores;
    assert.equal(await session.bindGuardian(phone.school.bindingCode, "林先生"), false);
    assert.equal(said(), "session.login_failed");
  });

  it("are found by WeChat after storage was cleared", async () => {
    phone.school.guardianOpenid = "me";
    await phone.stores.session.open();
    assert.equal(phone.stores.session.state.role, "guardian");
    await phone.stores.guardian.open();
    assert.equal(phone.stores.guardian.state.children[0]?.name, "林晓");
    assert.equal(phone.stores.guardian.state.children[0]?.balanceFen, 6250);
  });

  it("see the children as they were when there is no network", async () => {
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "林先生");
    await phone.stores.guardian.open();
    phone.school.badDay = "offline";
    phone.start();
    await phone.stores.session.open();
    await phone.stores.guardian.open();
    const { children, isOffline, asOf } = phone.stores.guardian.state;
    assert.equal(children.length, 1);
    assert.equal(isOffline, true);
    assert.equal(asOf, NOW);
  });

  it("see payments only where they are shared, and the sentence where not", async () => {
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "林先生");
    phone.school.instead.set("GET /guardian/children/8/payments", () => ({
      status: 403,
      data: refusal("not_shared"),
    }));
    await phone.stores.guardian.openChild(8);
    assert.equal(said(phone.stores.guardian.state.notice), "not_shared");
    phone.stores.guardian.closeChild();
    assert.equal(phone.stores.guardian.state.chosen, null);
  });
});

describe("staff", () => {
  it("log in with both factors, and their session is not renewed behind them", async () => {
    const { session, staff } = phone.stores;
    assert.equal(await session.logInStaff("wang", "pass", "000000"), false);
    assert.equal(said(), "wrong_login");
    assert.equal(await session.logInStaff("wang", "pass", "123456"), true);
    assert.equal(session.state.name, "王老师");
    phone.school.endSessions("staff");
    assert.equal(await staff.lookUp("2024001"), false);
    assert.equal(said(staff.state.notice), "session.ended");
    assert.equal(phone.calls.includes("login"), false);
    await phone.settle();
    assert.equal(session.state.role, "none");
  });

  it("look somebody up, freeze at once, and forget him", async () => {
    const { session, staff } = phone.stores;
    await session.logInStaff("wang", "pass", "123456");
    assert.equal(await staff.lookUp(" "), false);
    assert.equal(said(staff.state.notice), "staff.empty_number");
    phone.school.instead.set("POST /staff/lookups", ({ body }) =>
      body?.["number"] === "2024001"
        ? { status: 200, data: person(phone.school.state) }
        : { status: 404, data: refusal("unknown_cardholder") },
    );
    assert.equal(await staff.lookUp("9"), false);
    assert.equal(said(staff.state.notice), "staff.not_found");
    assert.equal(await staff.lookUp(" 2024001 "), true);
    assert.equal(staff.state.person?.balanceFen, 6250);
    const sent = staff.freeze(3, ["money", "doors"]);
    assert.equal(staff.state.person?.cards[0]?.state, "frozen");
    assert.equal(staff.state.person?.cards[0]?.isFreezeUnsent, true);
    assert.equal(await sent, true);
    assert.equal(phone.school.state, "frozen");
    phone.school.frozenAt = 0;
    assert.equal(await staff.lift(3), true);
    assert.equal(staff.state.person?.cards[0]?.state, "active");
    staff.forget();
    assert.equal(staff.state.person, null);
  });

  it("are told when a freeze did not reach the school", async () => {
    const { session, staff } = phone.stores;
    await session.logInStaff("wang", "pass", "123456");
    phone.school.instead.set("POST /staff/lookups", () => ({ status: 200, data: person("active") }));
    await staff.lookUp("2024001");
    phone.school.badDay = "offline";
    assert.equal(await staff.freeze(3, ["money"]), false);
    assert.equal(said(staff.state.notice), "card.freeze_waiting");
    assert.equal(staff.state.person?.cards[0]?.isFreezeUnsent, true);
    phone.school.badDay = "none";
    await phone.wait(3);
    assert.equal(phone.school.state, "frozen");
    assert.equal(staff.state.person?.cards[0]?.isFreezeUnsent, false);
  });

  it("hand out codes that are shown in groups and hidden again", async () => {
    const { session, staff } = phone.stores;
    await session.logInStaff("wang", "pass", "123456");
    phone.school.instead.set("POST /staff/cards/3/emergency-codes", () => ({
      status: 201,
      data: { code: "2024001334161410", on: "2026-01-02", expires_at: NOW + 100 },
    }));
    phone.school.instead.set("POST /staff/cards/3/bindings", () => ({
      status: 201,
      data: { code: "ABCDE12345", expires_at: NOW + 100 },
    }));
    assert.equal(await staff.handOutEmergency(3), true);
    assert.deepEqual(staff.state.emergency?.groups, ["2024", "0013", "3416", "1410"]);
    assert.equal(await staff.handOutBinding(3), true);
    assert.deepEqual(staff.state.binding?.groups, ["ABCDE", "12345"]);
    assert.equal(staff.state.emergency, null);
    staff.hideEmergency();
    assert.equal(staff.state.binding, null);
  });
});

describe("several roles on one phone", () => {
  it("are kept apart, chosen between, and remembered", async () => {
    await phone.bound();
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "林先生");
    assert.deepEqual(phone.stores.session.state.roles, ["student", "guardian"]);
    phone.stores.session.use("student");
    await phone.settle();
    assert.equal(phone.stores.session.state.role, "student");
    phone.stores.session.use("staff"); // there is none
    await phone.settle();
    assert.equal(phone.stores.session.state.role, "student");
    phone.start();
    await phone.stores.session.open();
    assert.equal(phone.stores.session.state.role, "student");
    assert.deepEqual(phone.stores.session.state.roles, ["student", "guardian"]);
  });

  it("log out one by one, and leave nothing behind", async () => {
    await phone.bound();
    await phone.stores.statement.open();
    await phone.stores.session.bindGuardian(phone.school.bindingCode, "林先生");
    phone.stores.session.use("student");
    await phone.settle();
    await phone.stores.session.logOut();
    await phone.settle();
    assert.deepEqual(phone.stores.session.state.roles, ["guardian"]);
    assert.equal(phone.stores.card.state.phase, "unbound");
    for (const key of ["secrets", "card", "statement"]) assert.equal(phone.secret.has(key), false, key);
    assert.equal(phone.school.count("DELETE", "/student/sessions"), 1);
    await phone.stores.session.logOut();
    assert.deepEqual(phone.stores.session.state.roles, []);
    assert.equal(phone.secret.get("sessions"), "{}");
  });

  it("log out without a network all the same", async () => {
    await phone.bound();
    phone.school.badDay = "offline";
    await phone.stores.session.logOut();
    assert.equal(phone.stores.session.state.role, "none");
    assert.equal(phone.secret.has("secrets"), false);
  });
});

function person(state: string): object {
  return {
    cardholder_id: 8,
    number: "2024001",
    name: "林晓",
    department: "高一（1）班",
    class_id: 1,
    is_active: true,
    is_pin_set: false,
    pin_failures: 0,
    purses_fen: { cash: 5000, benefit: 1250 },
    cards: [
      {
        card_id: 3,
        card_number: "20240013",
        state,
        are_doors_frozen: false,
        frozen_at: 0,
        frozen_by: "",
        issue: 1,
      },
    ],
  };
}

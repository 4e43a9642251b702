import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { fromBase64, ascii, joined } from "../models/bytes";
import { groupDigits, issueCode, stepProgress } from "../models/campus_code";
import { answerChallenge, prepareAnswer } from "../models/challenge";
import { offsetAfter, readDateHeader } from "../models/clock";
import { bars } from "../models/code128";
import { isDamm } from "../models/damm";
import { answerCommand, APART, AID, type Conversation } from "../models/hce";
import { minuteOfDay, shortMoment } from "../models/moment";
import { yuan } from "../models/money";
import { hotp } from "../models/one_time";
import { matrix } from "../models/qr";
import { refusalNotice } from "../models/refusal";
import { coveredUntil, readSecrets, secretsAt, type Secrets } from "../models/secrets";
import { derive, ISSUER_MASTER, secretsOf, TERMINAL_MASTER, WEEK, EPOCH_7 } from "./school";

const VECTORS = path.join(__dirname, "..", "..", "campus_code", "vectors");
const FOREVER = 4_200_000_000;

function vectors<T>(name: string): T[] {
  const text = fs.readFileSync(path.join(VECTORS, `${name}.json`), "utf8");
  return (JSON.parse(text) as { cases: T[] }).cases;
}

function phoneOf(card: string, issue: number, epoch = 7): Secrets {
  const told = { ...secretsOf(epoch, card, issue), valid_from: 0, valid_until: FOREVER };
  const secrets = readSecrets(told as unknown as Parameters<typeof readSecrets>[0]);
  assert.ok(secrets);
  return secrets;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("the vectors of campus_code", () => {
  it("codes", () => {
    interface Case {
      card_number: string;
      issue: number;
      at: number;
      epoch: number;
      code: string;
    }
    for (const one of vectors<Case>("codes")) {
      const secrets = phoneOf(one.card_number, one.issue, one.epoch);
      assert.equal(issueCode(secrets, one.at), one.code);
    }
  });

  it("damm, right and wrong", () => {
    for (const one of vectors<{ digits: string; is_right: boolean }>("damm")) {
      assert.equal(isDamm(one.digits), one.is_right, one.digits);
    }
    for (const no of ["", "x", "5724\n", "٥٧٢٤", " 5724"]) assert.equal(isDamm(no), false);
  });

  it("secrets are what node's own HKDF gives", () => {
    interface Case {
      master: string;
      role: string;
      epoch_digits: number;
      card_number: string;
      issue: number;
      secret: string;
    }
    for (const one of vectors<Case>("secrets")) {
      const { role, epoch_digits: epoch, card_number: card, issue } = one;
      assert.equal(hex(derive(Buffer.from(one.master, "hex"), role, epoch, card, issue)), one.secret);
    }
  });

  it("emergency codes come out of the phone's one-time function", () => {
    interface Case {
      card_number: string;
      issue: number;
      on: string;
      code: string;
    }
    for (const one of vectors<Case>("emergency")) {
      const secret = derive(TERMINAL_MASTER, "emergency", 7, one.card_number, one.issue);
      assert.equal(hotp(secret, Number(one.on.replace(/-/g, "")), 8), one.code);
    }
  });

  it("challenges: the right answers, byte for byte", () => {
    interface Case {
      name: string;
      card_number: string;
      issue: number;
      at: number;
      command: string;
      answer: string;
      terminal: { result: string };
    }
    const cases = vectors<Case>("challenge");
    assert.ok(cases.some((one) => one.terminal.result !== "ok"));
    for (const one of cases) {
      const secrets = phoneOf(one.card_number, one.issue);
      const code = issueCode(secrets, one.at);
      assert.ok(code);
      const asked = Buffer.from(one.command, "hex").subarray(5, 21);
      const answer = hex(answerChallenge(prepareAnswer(secrets, code), asked));
      // an altered answer, or one to another question, is never what this phone says
      assert.equal(answer === one.answer, one.name === "right", one.name);
    }
  });

  it("conversations with a reader, good and bad", () => {
    interface Case {
      name: string;
      secrets: string;
      at: number;
      said: [string, string][];
    }
    for (const talk of vectors<Case>("apdus")) {
      const secrets = phoneOf("20240013", 1);
      const code = talk.secrets === "none" ? null : issueCode(secrets, talk.at);
      const prepared = code === null ? null : prepareAnswer(secrets, code);
      let conversation: Conversation = APART;
      for (const [command, expected] of talk.said) {
        if (command === "") {
          conversation = APART;
          continue;
        }
        const said = answerCommand(conversation, Buffer.from(command, "hex"), prepared);
        conversation = said.conversation;
        assert.equal(hex(said.answer), expected, `${talk.name}: ${command}`);
      }
    }
  });
});

describe("secrets", () => {
  const good = secretsOf(7, "20240013", 1);
  const read = (changes: object): Secrets | null =>
    readSecrets({ ...good, ...changes } as unknown as Parameters<typeof readSecrets>[0]);

  it("are read when whole", () => {
    const secrets = read({});
    assert.equal(hex(secrets?.terminalSecret ?? new Uint8Array()).length, 64);
    const derived = hkdfSync(
      "sha256",
      ISSUER_MASTER,
      Buffer.alloc(0),
      "campus-code/9/issuer/072024001301",
      32,
    );
    assert.equal(hex(secrets?.issuerSecret ?? new Uint8Array()), Buffer.from(derived).toString("hex"));
  });

  for (const [name, changes] of Object.entries({
    "a short secret": { terminal_secret: Buffer.alloc(31).toString("base64") },
    "a long secret": { issuer_secret: Buffer.alloc(33).toString("base64") },
    "no base64": { issuer_secret: "!!!!" },
    "no text": { terminal_secret: null },
    "a wrong check digit": { card_number: "20240014" },
    "a number for a card": { card_number: 20240013 },
    "issue 100": { issue: 100 },
    "a negative epoch": { epoch: -1 },
    "an end before its beginning": { valid_until: good["valid_from"] },
    "a text for a time": { valid_from: "0" },
  })) {
    it(`are refused with ${name}`, () => assert.equal(read(changes), null));
  }

  it("are chosen by time, the newest of two", () => {
    const all = [7, 8].map((epoch) => read(secretsOf(epoch, "20240013", 1))!);
    const border = EPOCH_7 + WEEK;
    assert.equal(secretsAt(all, EPOCH_7 - 1), null);
    assert.equal(secretsAt(all, EPOCH_7)?.epoch, 7);
    assert.equal(secretsAt(all, border - 1)?.epoch, 7);
    assert.equal(secretsAt(all, border)?.epoch, 8);
    assert.equal(secretsAt(all, border + WEEK + 3600), null);
    assert.equal(coveredUntil(all, EPOCH_7), border + WEEK + 3600);
    assert.equal(coveredUntil(all, EPOCH_7 - 1), null);
    assert.equal(coveredUntil([all[0]!], EPOCH_7), border + 3600);
  });

  it("show no code outside their epoch", () => {
    const secrets = read({})!;
    assert.equal(issueCode(secrets, secrets.validFrom - 1), null);
    assert.equal(issueCode(secrets, secrets.validUntil), null);
    assert.match(issueCode(secrets, secrets.validUntil - 1) ?? "", /^[0-9]{34}$/);
  });
});

describe("the clock", () => {
  const heard = (serverAt: number, sentMs: number, receivedMs: number) => ({
    serverAt,
    sentMs,
    receivedMs,
  });

  it("keeps what an answer cannot contradict", () => {
    assert.equal(offsetAfter(0, heard(1000, 999_700, 1_000_900)), 0);
    assert.equal(offsetAfter(300, heard(1000, 999_900, 1_000_200)), 300);
  });

  it("learns ten minutes either way, within a second", () => {
    for (const skewMs of [600_000, -600_000]) {
      const sent = 1_000_400_000 + skewMs;
      const offset = offsetAfter(0, heard(1_000_400, sent, sent + 200));
      assert.ok(Math.abs(offset + skewMs) <= 1000, String(offset));
    }
  });

  it("learns nothing from a trip that was too long, or on which the clock was set", () => {
    assert.equal(offsetAfter(5, heard(9999, 0, 10_001)), 5);
    assert.equal(offsetAfter(5, heard(9999, 2000, 1000)), 5);
    assert.equal(offsetAfter(5, heard(NaN, 0, 100)), 5);
  });

  it("reads a Date header", () => {
    assert.equal(readDateHeader("Thu, 01 Jan 2026 00:00:00 GMT"), 1_767_225_600);
    assert.equal(readDateHeader("soon"), null);
    assert.equal(readDateHeader(undefined), null);
  });
});

describe("pictures and texts", () => {
  const code = "9072024001301040897646836818487666";

  it("a QR code is 25 modules wide with its three finders", () => {
    const rows = matrix(code);
    assert.equal(rows.length, 25);
    assert.ok(rows.every((row) => row.length === 25));
    for (const [top, left] of [[0, 0], [0, 18], [18, 0]] as const) {
      const ring = [0, 6].flatMap((edge) => [0, 1, 2, 3, 4, 5, 6].map((at) => [edge, at] as const));
      for (const [edge, at] of ring) {
        assert.ok(rows[top + edge]?.[left + at], `${top} ${left}`);
        assert.ok(rows[top + at]?.[left + edge]);
      }
    }
    assert.notDeepEqual(rows, matrix(code.slice(0, -1) + "7"));
  });

  it("nothing but 34 digits is drawn", () => {
    for (const no of ["", code + "0", code.slice(1), code.slice(1) + "x"]) {
      assert.throws(() => matrix(no), RangeError);
    }
    for (const no of ["", "123", "12x4"]) assert.throws(() => bars(no), RangeError);
  });

  it("Code 128-C of 12 is start, 12, check and stop", () => {
    // the check symbol is (105 + 1 · 12) mod 103 = 14
    const right = "211232" + "112232" + "122231" + "2331112";
    const modules = bars("12");
    const drawn = right
      .split("")
      .flatMap((width, place) => Array<boolean>(Number(width)).fill(place % 2 === 0));
    assert.deepEqual(modules, drawn);
    assert.equal(bars(code).length, 11 * 19 + 13);
  });

  it("digits go in pairs, an emergency code in fours", () => {
    assert.equal(groupDigits(code).join(" "), code.replace(/(..)(?=.)/g, "$1 "));
    assert.deepEqual(groupDigits("2024001334161410", 4), ["2024", "0013", "3416", "1410"]);
  });

  it("a step counts down and fills up", () => {
    assert.deepEqual(stepProgress(1_767_225_600_000), { secondsLeft: 15, progress: 0 });
    assert.deepEqual(stepProgress(1_767_225_607_500), { secondsLeft: 8, progress: 0.5 });
    assert.equal(stepProgress(1_767_225_614_999).secondsLeft, 1);
  });

  it("fen are yuan, minutes are times", () => {
    assert.deepEqual([0, 5, 1250, -5, 100_000].map(yuan), ["0.00", "0.05", "12.50", "-0.05", "1000.00"]);
    assert.deepEqual([0, 390, 1440].map(minuteOfDay), ["00:00", "06:30", "24:00"]);
    assert.equal(shortMoment(1_767_225_600), "01-01 08:00");
  });

  it("base64 and ASCII", () => {
    for (const length of [0, 1, 2, 3, 32, 33]) {
      const bytes = Buffer.from(Array.from({ length }, (_, place) => (place * 37) % 256));
      assert.equal(hex(fromBase64(bytes.toString("base64"))!), hex(bytes));
    }
    for (const no of ["A", "AAA", "A===", "AA=A", "AAAA\n", "-_-_"]) assert.equal(fromBase64(no), null);
    assert.equal(hex(joined(ascii("a"), ascii("bc"))), "616263");
    assert.equal(AID.length, 14);
  });

  it("refusals speak as the server does", () => {
    assert.equal(refusalNotice("frozen")?.zh, "卡已冻结。");
    assert.equal(refusalNotice("too_soon", { seconds: 40 })?.en, "Too soon after the last tap; please wait. (40 s to go.)");
    assert.equal(refusalNotice("too_soon")?.en, "Too soon after the last tap; please wait.");
    assert.equal(refusalNotice("toString"), null);
    assert.equal(refusalNotice(""), null);
  });
});

// What is known, what can be done, and drawing it. When a person has gone nothing of him stays:
// not in memory, not in the document, not in any storage, not in an address.

import { ask, Refused } from "./asking.js";
import { redraw } from "./dom.js";
import { head, help, idle, receipt, stillThere, visit } from "./screens.js";
import { monthFromNow, other, say, setClock, speak, spoken } from "./words.js";

const TOUCH_MS = 2000;
const KNOWN_MS = 2000;
const REFUSAL_MS = 9000;
const HELP_MS = 60_000;
const OVER = { still: stillThere, receipt, help };

const places = Object.fromEntries(
  ["head", "main", "over"].map((id) => [id, document.getElementById(id)]),
);

/** Nothing of anybody. */
const nobody = () => ({
  screen: "idle",
  visit: 0,
  isHelped: false,
  may: [],
  tab: "overview",
  card: null,
  statement: unread(0),
  known: null,
  isFound: false,
  emergency: null,
  receipt: null,
  isPrinted: false,
  isHelping: false,
  trouble: null,
  refusal: null,
});

const link = { problem: null, school: "", announcements: [], takes_cards: false };
let now = { ...nobody(), link };
let until = 0;
let warning = 0;
let touchedAt = 0;
let helpUntil = 0;
let drawnOver = "";

// ------------------------------------------------------------------------------------- drawing

function draw() {
  redraw(places.head, ...head(now, deeds));
  redraw(places.main, now.screen === "visit" ? visit(now, deeds) : idle(now, deeds));
  drawOver();
}

function drawOver() {
  const left = now.screen === "visit" ? Math.ceil((until - performance.now()) / 1000) : Infinity;
  const seconds = Math.max(0, left);
  if (now.isHelping && performance.now() > helpUntil) now = { ...now, isHelping: false };
  const kind = left <= warning ? "still" : now.receipt ? "receipt" : now.isHelping ? "help" : "";
  const facts = kind === "still" ? seconds : [now.receipt?.id, now.isPrinted, now.trouble];
  const key = JSON.stringify([kind, spoken(), facts]);
  if (key === drawnOver) return; // what somebody types is not drawn over
  drawnOver = key;
  const typed = [...places.over.querySelectorAll("[name=number], [name=login]")];
  redraw(places.over, kind ? OVER[kind](kind === "still" ? seconds : now, deeds) : null);
  for (const one of kind === "help" ? typed : []) {
    places.over.querySelector(`[name=${one.name}]`).value = one.value;
  }
  for (const place of [places.main, places.head]) place.inert = kind !== "";
  if (kind && !places.over.contains(document.activeElement)) {
    places.over.querySelector("input, .big, button").focus();
  }
}

function know(change) {
  now = { ...now, ...change };
  draw();
}

// ----------------------------------------------------------------------------- what is heard

const events = new EventSource("/events");
events.addEventListener("link", (event) => know({ link: JSON.parse(event.data) }));
events.addEventListener("screen", (event) => hear(JSON.parse(event.data)));
events.addEventListener("error", () => forget({ refusal: { zh: say("away"), en: other("away") } }));

function hear(facts) {
  if (facts.screen !== "visit") {
    forget({ screen: facts.screen, refusal: facts.refusal ?? null });
    return;
  }
  until = performance.now() + facts.seconds_left * 1000;
  warning = facts.warning_seconds;
  if (facts.visit === now.visit) {
    drawOver();
    return;
  }
  setClock(facts.utc_offset_seconds);
  const { is_helped: isHelped, deeds: may } = facts;
  know({ ...nobody(), screen: "visit", visit: facts.visit, isHelped, may });
  deeds.open("overview");
}

/** Whoever was here is gone from this page. */
function forget(change) {
  const wasHere = now.screen === "visit";
  if (wasHere) speak("zh");
  const isHelping = now.isHelping && !wasHere;
  const trouble = isHelping ? now.trouble : null;
  now = { ...nobody(), link: now.link, isHelping, trouble, ...change };
  draw();
  if (now.refusal) {
    const { refusal } = now;
    setTimeout(() => now.refusal === refusal && know({ refusal: null }), REFUSAL_MS);
  }
}

// ------------------------------------------------------------------------------ what is done

/** Ask for the person who is here; what comes back after he has gone is dropped. */
async function request(name, body = {}) {
  const { visit: number } = now;
  try {
    const told = await ask(`/visit/${name}`, { visit: number, ...body });
    return now.visit === number ? told : null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (now.visit !== number) return null;
    if (error.word === "visit_over") forget({ refusal: { zh: error.zh, en: error.en } });
    else know({ trouble: { zh: error.zh, en: error.en } });
    return null;
  }
}

async function readCard() {
  const card = await request("card");
  if (card) know({ card });
}

async function readMonth(before = 0) {
  const { statement } = now;
  const { year, month } = statement.month;
  const told = await request("payments", { month: year * 100 + month, before });
  if (!told || now.statement.month !== statement.month) return;
  const lines = [...(before ? (now.statement.lines ?? []) : []), ...told.payments];
  know({ statement: { ...now.statement, lines, next: told.next } });
}

async function watchKnown() {
  const { visit: number } = now;
  while (now.visit === number && now.card?.state === "frozen" && now.tab === "lost") {
    const known = await request("freeze-state");
    if (!known) return;
    know({ known });
    if (known.known_by >= known.terminals) return;
    await new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
  }
}

const deeds = {
  switchLanguage() {
    speak(spoken() === "zh" ? "en" : "zh");
    draw();
  },
  async open(tab) {
    know({ tab, trouble: null, isPrinted: false, isFound: false, emergency: null });
    places.main.querySelector("h2")?.focus();
    if (now.card === null || tab === "overview") await readCard();
    if (tab === "statement") await readMonth();
    if (tab === "lost") await watchKnown();
  },
  async turnMonth(step) {
    know({ statement: unread(Math.min(0, now.statement.step + step)), trouble: null });
    await readMonth();
  },
  more: () => readMonth(now.statement.next),
  explain(id) {
    const open = now.statement.open === id ? 0 : id;
    know({ statement: { ...now.statement, open } });
  },
  async receipt(id) {
    const told = await request("receipt", { payment_id: id });
    if (told) know({ receipt: { ...told, id }, isPrinted: false, trouble: null });
  },
  async printReceipt() {
    know({ isPrinted: false, trouble: null });
    if (await request("print-receipt", { payment_id: now.receipt.id })) know({ isPrinted: true });
  },
  async freeze() {
    know({ trouble: null, known: null });
    if (!(await request("freeze"))) return;
    await readCard();
    await watchKnown();
  },
  async found() {
    know({ trouble: null });
    if (!(await request("found"))) return;
    know({ known: null, isFound: true });
    await readCard();
  },
  async showCode() {
    know({ trouble: null });
    const emergency = await request("emergency-code");
    if (emergency) know({ emergency });
  },
  async printCode() {
    know({ isPrinted: false, trouble: null });
    if (await request("print-emergency-code")) know({ isPrinted: true });
  },
  close: () => know({ receipt: null, isHelping: false, isPrinted: false, trouble: null }),
  stay: () => request("touch"),
  leave: () => request("leave"),
  help() {
    helpUntil = performance.now() + HELP_MS;
    know({ isHelping: true, trouble: null });
  },
  async openWithHelp(words) {
    try {
      await ask("/help", words);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      know({ isHelping: true, trouble: { zh: error.zh, en: error.en }, refusal: null });
    }
  },
};

// --------------------------------------------------------------------------------- hands and time

function touched() {
  helpUntil = performance.now() + HELP_MS;
  if (now.screen !== "visit" || performance.now() - touchedAt < TOUCH_MS) return;
  touchedAt = performance.now();
  request("touch");
}

for (const kind of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(kind, touched, { passive: true });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && places.over.firstChild) deeds.close();
});
document.addEventListener("contextmenu", (event) => event.preventDefault());
setInterval(drawOver, 500);
draw();

/** A month of which nothing was read yet, so many months from now. */
function unread(step) {
  return { step, month: monthFromNow(step), isNewest: step >= 0, lines: null, next: 0, open: 0 };
}

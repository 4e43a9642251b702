// What the page shows: pure functions of what is known (`now`) and what can be done (`deeds`).

import { button, h, qr } from "./dom.js";
import { explain, meal } from "./explain.js";
import { picture } from "./picture.js";
import { money, other, say, sentence, when, yuan } from "./words.js";

export const TABS = ["overview", "statement", "lost", "emergency", "notices"];
const NEEDS = { statement: "visits.see_payments", lost: "cards.freeze", emergency: "cards.emergency" };
const SHAPES = { active: "●", frozen: "■", lost: "▲", closed: "✕" };
const ANNOUNCED_IDLE = 3;

// ------------------------------------------------------------------------------ around everything

export function head(now, deeds) {
  return [
    h("p", { class: "school" }, now.link.school || " "),
    h("h1", {}, say("title")),
    button("language", say("language"), deeds.switchLanguage, { class: "quiet" }),
  ];
}

// --------------------------------------------------------------------------------- nobody is here

export function idle(now, deeds) {
  const isChecking = now.screen === "checking";
  return h(
    "section",
    { class: "idle", "aria-busy": isChecking },
    h(
      "div",
      { class: "invite" },
      now.link.problem ? null : picture(),
      h("h2", { "data-key": "title" }, isChecking ? say("checking") : invitation(now)),
      h("p", { class: "second", lang: "und" }, isChecking ? other("checking") : invited(now)),
      isChecking ? null : now.link.problem ? offline(now) : how(now),
      now.refusal ? h("p", { class: "refusal", role: "alert" }, sentence(now.refusal)) : null,
    ),
    announced(now.link.announcements.slice(0, ANNOUNCED_IDLE)),
    now.link.problem ? null : button("help", say("idle.help"), deeds.help, { class: "quiet" }),
  );
}

const title = ({ link }) =>
  link.problem ? "offline.title" : link.takes_cards ? "idle.cards" : "idle.title";
const invitation = (now) => say(title(now));
const invited = (now) => other(title(now));

function how(now) {
  const keys = ["idle.how", ...(now.link.takes_cards ? ["idle.touch"] : []), "idle.private"];
  return h("div", { class: "how" }, keys.map((key) => h("p", {}, say(key))));
}

/** What this person may do here, by what he showed. */
const may = (now, deed) => now.may.includes(deed);
const tabs = (now) => TABS.filter((tab) => !(tab in NEEDS) || may(now, NEEDS[tab]));

function offline(now) {
  return h(
    "div",
    { class: "how", role: "status" },
    now.link.problem.zh ? h("p", {}, sentence(now.link.problem)) : null,
    h("p", {}, say("offline.not")),
    h("p", { class: "works" }, say("offline.works")),
  );
}

/** A phone with a code, gliding towards the reader. */
function announced(list) {
  if (list.length === 0) return null;
  return h(
    "ul",
    { class: "announced", "aria-label": say("tab.notices") },
    list.map((one) => h("li", {}, sentence({ zh: one.title_zh, en: one.title_en }))),
  );
}

// --------------------------------------------------------------------------------- somebody is here

export function visit(now, deeds) {
  const inside = { overview, statement, lost, emergency, notices }[now.tab];
  return h(
    "section",
    { class: "visit" },
    h(
      "nav",
      { "aria-label": say("nav") },
      tabs(now).map((tab) =>
        button(`tab-${tab}`, say(`tab.${tab}`), () => deeds.open(tab), {
          "aria-current": tab === now.tab ? "page" : null,
        }),
      ),
      button("leave", say("leave"), deeds.leave, { class: "leave" }),
    ),
    h(
      "div",
      { class: "inside" },
      h("h2", { tabindex: "-1", "data-key": "title" }, say(`tab.${now.tab}`)),
      now.isHelped ? h("p", { class: "helped" }, say("helped")) : null,
      now.trouble ? trouble(now, deeds) : null,
      inside(now, deeds),
    ),
  );
}

function trouble(now, deeds) {
  return h(
    "div",
    { class: "refusal", role: "alert" },
    h("p", {}, sentence(now.trouble)),
    now.card === null ? button("again", say("again"), () => deeds.open(now.tab)) : null,
  );
}

function overview(now, deeds) {
  const { card } = now;
  if (card === null) return waiting(now);
  const purses = Object.entries(card.purses_fen).filter(([name, fen]) => name === "cash" || fen);
  return h(
    "div",
    { class: "overview" },
    h(
      "div",
      { class: "who" },
      h("p", { class: "name" }, say("hello", { name: card.name })),
      h("p", {}, say("card", { tail: card.card_tail })),
      state(card),
    ),
    h(
      "dl",
      { class: "purses" },
      purses.map(([name, fen]) => amount(say(`purse.${name}`), fen)),
      amount(say("spent"), card.spent_fen),
    ),
    h(
      "div",
      { class: "tiles" },
      tabs(now).slice(1).map((tab) => button(`tile-${tab}`, say(`tab.${tab}`), () => deeds.open(tab))),
    ),
  );
}

function amount(name, fen) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, money(fen)));
}

function state(card) {
  const words = [h("span", { "aria-hidden": "true" }, SHAPES[card.state]), say(`state.${card.state}`)];
  return h("p", { class: `state ${card.state}` }, words);
}

function waiting(now) {
  return now.trouble ? null : h("p", { class: "waiting", role: "status" }, say("loading"));
}

function statement(now, deeds) {
  const { lines, month, isNewest } = now.statement;
  return h(
    "div",
    { class: "statement" },
    h(
      "div",
      { class: "months" },
      button("month-before", `◀ ${say("month.before")}`, () => deeds.turnMonth(-1)),
      h("p", { "aria-live": "polite" }, say("month", month)),
      button("month-after", `${say("month.after")} ▶`, () => deeds.turnMonth(1), {
        disabled: isNewest,
      }),
    ),
    lines === null ? waiting(now) : list(now, deeds),
  );
}

function list(now, deeds) {
  const { lines, next } = now.statement;
  if (lines.length === 0) return h("p", { class: "waiting" }, say("statement.empty"));
  return h(
    "div",
    {},
    h("p", { class: "hint" }, say("statement.hint")),
    h(
      "ul",
      { class: "lines" },
      lines.map((one) => line(one, now, deeds)),
    ),
    next ? button("more", say("statement.more"), deeds.more, { class: "wide" }) : null,
  );
}

function line(payment, now, deeds) {
  const id = payment.payment_id;
  const isOpen = now.statement.open === id;
  const title = [payment.merchant, meal(payment)].filter((one) => one).join(" · ");
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "line",
        "data-key": `line-${id}`,
        "aria-expanded": String(isOpen),
        onclick: () => deeds.explain(id),
      },
      h("span", { class: "what" }, title),
      h("span", { class: "sum" }, `−${yuan(payment.charged_fen)}`),
      h("span", { class: "at" }, when(payment.occurred_at)),
      payment.returned_fen ? h("span", { class: "back" }, `+${yuan(payment.returned_fen)}`) : null,
    ),
    isOpen
      ? h(
          "div",
          { class: "explained" },
          h("ul", {}, explain(payment).map((one) => h("li", {}, one))),
          button(`receipt-${id}`, say("receipt"), () => deeds.receipt(id)),
        )
      : null,
  );
}

function lost(now, deeds) {
  const { card, known } = now;
  if (card === null) return waiting(now);
  if (card.state === "active") {
    return h(
      "div",
      { class: "deed" },
      now.isFound ? h("p", { class: "done", role: "status" }, say("found.done")) : null,
      h("p", {}, say("lost.lead")),
      button("freeze", say("lost.freeze"), deeds.freeze, { class: "big danger" }),
    );
  }
  return h(
    "div",
    { class: "deed" },
    state(card),
    known?.terminals ? informed(known) : null,
    card.state !== "frozen" ? null : !may(now, "cards.unfreeze")
      ? h("p", {}, say("lost.not_by_card"))
      : card.is_lift_mine
      ? [
          button("found", say("lost.found"), deeds.found, { class: "big" }),
          h("p", { class: "hint" }, say("lost.minute")),
        ]
      : h("p", {}, say("lost.not_mine")),
  );
}

function informed({ known_by: n, terminals: m }) {
  return h(
    "div",
    { role: "status" },
    h("p", { class: "done" }, say("lost.known", { n, m })),
    h("progress", { value: n, max: m, "aria-hidden": "true" }),
    n < m ? h("p", { class: "hint" }, say("lost.rest")) : null,
  );
}

function emergency(now, deeds) {
  const told = now.emergency;
  if (told === null) {
    return h(
      "div",
      { class: "deed" },
      h("p", {}, say("emergency.lead")),
      button("show-code", say("emergency.show"), deeds.showCode, { class: "big" }),
    );
  }
  const fours = told.code.match(/.{4}/g);
  return h(
    "div",
    { class: "deed" },
    h("p", { class: "digits", "aria-label": [...told.code].join(" ") }, fours.map((f) => h("span", {}, f))),
    h("p", { class: "done" }, told.on),
    h("p", {}, say("emergency.how")),
    printing(now, deeds.printCode),
  );
}

function notices(now) {
  const all = now.link.announcements;
  if (all.length === 0) return h("p", { class: "waiting" }, say("notices.empty"));
  return h(
    "div",
    { class: "notices" },
    all.map((one) =>
      h(
        "article",
        {},
        h("h3", {}, sentence({ zh: one.title_zh, en: one.title_en })),
        h("p", { class: "at" }, when(one.opens_at)),
        h("p", {}, sentence({ zh: one.text_zh, en: one.text_en })),
      ),
    ),
  );
}

/** A button where there is a printer, and what came of it. */
function printing(now, print) {
  if (!now.card?.has_printer) return null;
  return h(
    "div",
    { class: "printing" },
    button("print", say("print"), print),
    now.isPrinted ? h("p", { class: "done", role: "status" }, say("printed")) : null,
  );
}

// ------------------------------------------------------------------------------------ above it all

export function receipt(now, deeds) {
  const { text, qr: code } = now.receipt;
  return dialog(
    say("receipt"),
    deeds.close,
    h("div", { class: "receipt" }, qr(code, say("receipt")), h("pre", {}, text)),
    h("p", { class: "hint" }, say("receipt.how")),
    now.trouble ? h("p", { class: "refusal", role: "alert" }, sentence(now.trouble)) : null,
    printing(now, deeds.printReceipt),
  );
}

export function help(now, deeds) {
  const submit = (event) => {
    event.preventDefault();
    deeds.openWithHelp(Object.fromEntries(new FormData(event.target)));
  };
  return dialog(
    say("help.title"),
    deeds.close,
    h("p", {}, say("help.lead")),
    h(
      "form",
      { onsubmit: submit, autocomplete: "off" },
      field("number", {}),
      field("login", {}),
      field("password", { type: "password" }),
      field("totp", { inputmode: "numeric", maxlength: 6 }),
      now.trouble ? h("p", { class: "refusal", role: "alert" }, sentence(now.trouble)) : null,
      h("button", { class: "big", "data-key": "help-open" }, say("help.open")),
    ),
  );
}

function field(name, attributes) {
  const own = { name, id: `help-${name}`, required: true, autocomplete: "off", ...attributes };
  return h(
    "p",
    { class: "field" },
    h("label", { for: own.id }, say(`help.${name}`)),
    h("input", { "data-key": own.id, autocapitalize: "off", spellcheck: "false", ...own }),
  );
}

function dialog(title, close, ...children) {
  return h(
    "div",
    { class: "shade" },
    h(
      "div",
      { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": title },
      h("div", { class: "top" }, h("h2", {}, title), button("close", say("close"), close)),
      ...children,
    ),
  );
}

export function stillThere(seconds, deeds) {
  return h(
    "div",
    { class: "shade" },
    h(
      "div",
      { class: "dialog still", role: "alertdialog", "aria-modal": "true", "aria-label": say("still") },
      h("h2", {}, say("still")),
      h("p", { class: "seconds", "aria-hidden": "true" }, String(seconds)),
      h("p", {}, say("still.text", { n: seconds })),
      h(
        "div",
        { class: "choices" },
        button("stay", say("stay"), deeds.stay, { class: "big" }),
        button("leave-now", say("leave"), deeds.leave, { class: "leave" }),
      ),
    ),
  );
}

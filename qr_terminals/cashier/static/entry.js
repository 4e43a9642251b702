// Where the cashier types: an amount, price keys, or dish codes. What is complete is asked at once.

import { find, make, write, yuan } from './dom.js';
import { order } from './link.js';
import { pick, say } from './words.js';

const YUAN = /^\d{0,6}(\.\d{0,2})?$/;
const CODE = /^(\d{0,4}|\d{1,4}\*\d{0,2})$/;
const QUANTITY_MAX = 99;
const BURST_KEYS = 6; // nobody types six keys that fast; a scanner in keyboard mode does
const BURST_MS = 30;
const QUIET_MS = 300;
const KEPT = 'tab';
const PAD = [...'789456123', '0', '.', '⌫'];

const entry = { setup: null, tab: 'amount', typed: '', sent: '', dishes: [], told: [], pending: 0, note: '', last: 0 };
const burst = { at: 0, keys: 0 };

/** The window's way of selling and its menu. */
export function setUp(setup) {
  entry.setup = setup;
  const tabs = tabsOf(setup);
  const kept = localStorage.getItem(KEPT);
  entry.tab = tabs.includes(kept) ? kept : tabs.at(-1) === 'codes' ? 'keys' : tabs[0] ?? '';
  drawEntry();
}

/** Whether the cashier says the amount here. */
export const isFree = () => entry.setup?.mode === 'free';

/** The last payment the cashier can have seen; a list of dishes is one since then. */
export function setLast(sequence) {
  entry.last = sequence;
}

/** A view came: a paid list is gone, one that was not taken is what the terminal says. */
export function follow(facts) {
  if (facts.result === 'busy') entry.typed = entry.sent || entry.typed;
  // while a list of ours is on its way, a view tells an older one: quick taps would be lost by it
  entry.told = facts.dishes;
  if (!entry.pending) entry.dishes = entry.told;
  entry.sent = '';
  drawEntry();
}

export function drawEntry() {
  const tabs = tabsOf(entry.setup);
  find('tabs').hidden = tabs.length < 2;
  find('tabs').replaceChildren(...tabs.map((tab) => make('button', {
    textContent: say(tab),
    role: 'tab',
    ariaSelected: String(tab === entry.tab),
    on: { click: () => choose(tab) },
  })));
  find('panel').dataset.tab = entry.tab;
  find('panel').replaceChildren(...panel());
}

/** A key of the keyboard or the number pad; whether it was one of ours. */
export function press(key) {
  if (isBurst()) {
    entry.typed = '';
    tellNote(say('scanner_types'));
    return true;
  }
  if (!isFree()) return false;
  if (key === 'Enter' || key === '+') return submit();
  if (key === 'Backspace' || key === '⌫') return type(entry.typed.slice(0, -1));
  if (key === 'Escape' || key === 'Delete') return clear();
  if (/^[\d.*]$/.test(key)) {
    if (entry.tab === 'keys') choose('codes');
    return type(entry.typed + key);
  }
  return false;
}

function isBurst() {
  const now = performance.now();
  const pause = now - burst.at;
  burst.at = now;
  if (burst.keys >= BURST_KEYS && pause < QUIET_MS) return true;
  burst.keys = pause < BURST_MS ? burst.keys + 1 : 0;
  return burst.keys >= BURST_KEYS;
}

function tabsOf(setup) {
  if (setup?.mode !== 'free') return [];
  return setup.menu.length ? ['amount', 'keys', 'codes'] : ['amount'];
}

function choose(tab) {
  Object.assign(entry, { tab, typed: '', note: '' });
  localStorage.setItem(KEPT, tab);
  drawEntry();
}

function panel() {
  if (!entry.setup) return [];
  if (!isFree()) {
    const word = entry.setup.mode === 'count' ? 'count_mode' : 'fixed_price';
    return [make('p', { className: 'plain', textContent: entry.setup.mode ? say(word) : '' })];
  }
  if (entry.tab === 'keys') return [keys(), basket()];
  if (entry.tab === 'codes') return [basket(), typedLine(), pad()];
  return [typedLine(), pad()];
}

function typedLine() {
  const text = entry.typed || (entry.tab === 'amount' ? '0' : '');
  const item = entry.tab === 'codes' ? itemOf(entry.typed.split('*')[0]) : null;
  return make('output', { id: 'typed' },
    make('small', {
      id: 'note',
      className: entry.note ? 'wrong' : '',
      textContent: entry.note || (item ? pick(item.name) : ''),
    }),
    make('b', { textContent: (entry.tab === 'amount' ? '¥' : '') + text.replace('*', ' × ') }));
}

function pad() {
  const isCodes = entry.tab === 'codes';
  const dot = isCodes ? '*' : '.';
  const keys = PAD.map((key) => (key === '.' ? dot : key)).map((key) => make('button', {
    className: 'key',
    textContent: key === '*' ? '×' : key,
    on: { click: () => press(key) },
  }));
  return make('div', { className: 'pad' }, ...keys,
    make('button', { className: 'key clear', textContent: say('clear'), on: { click: clear } }),
    make('button', {
      className: 'key charge',
      textContent: say(isCodes ? 'add' : 'charge'),
      on: { click: submit },
    }));
}

function keys() {
  const counts = new Map(entry.dishes.map((dish) => [dish.code, dish.quantity]));
  return make('div', { className: 'keys' }, ...entry.setup.menu.map((item) => make('button', {
    className: 'dish',
    data: counts.has(item.code) ? { count: `× ${counts.get(item.code)}` } : {},
    on: { click: () => change(item.code, 1) },
  }, make('span', { textContent: pick(item.name) }), make('b', { textContent: yuan(item.price_fen) }))));
}

function basket() {
  const lines = entry.dishes.map(({ code, quantity }) => {
    const item = itemOf(code);
    return make('li', {},
      make('span', { textContent: item ? pick(item.name) : code }),
      make('span', { textContent: `× ${quantity}` }),
      make('b', { textContent: yuan((item?.price_fen ?? 0) * quantity) }),
      make('button', { textContent: '−', ariaLabel: say('clear'), on: { click: () => change(code, -1) } }));
  });
  if (!lines.length) lines.push(make('li', { className: 'none', textContent: say('empty_list') }));
  const sum = entry.dishes.reduce(
    (fen, { code, quantity }) => fen + (itemOf(code)?.price_fen ?? 0) * quantity, 0);
  return make('div', { className: 'basket' }, make('ul', {}, ...lines),
    make('p', {},
      make('button', { textContent: say('clear'), on: { click: clear } }),
      make('span', { textContent: say('total') }),
      make('b', { id: 'sum', textContent: `¥${yuan(sum)}` })));
}

const itemOf = (code) => entry.setup.menu.find((item) => item.code === code);

function type(text) {
  const shape = entry.tab === 'amount' ? YUAN : CODE;
  if (shape.test(text)) Object.assign(entry, { typed: text, note: '' });
  drawEntry();
  return true;
}

function submit() {
  if (entry.tab === 'amount') charge();
  if (entry.tab === 'codes') addTyped();
  return true;
}

function charge() {
  const [whole, part = ''] = entry.typed.split('.');
  const fen = Number(whole || 0) * 100 + Number(part.padEnd(2, '0'));
  if (fen === 0) return;
  if (fen > entry.setup.amount_fen_max) {
    tellNote(say('too_much', yuan(entry.setup.amount_fen_max)));
    return;
  }
  Object.assign(entry, { sent: entry.typed, typed: '' });
  send('amount', { amount_fen: fen });
}

function addTyped() {
  const [code, times = ''] = entry.typed.split('*');
  if (!code) return;
  if (!itemOf(code)) {
    tellNote(say('not_on_menu', code));
    return;
  }
  entry.typed = '';
  change(code, Number(times || 1));
}

/** So many more of a dish, or fewer; the new list is asked for at once. */
function change(code, more) {
  const held = entry.dishes.find((dish) => dish.code === code)?.quantity ?? 0;
  const quantity = Math.min(Math.max(held + more, 0), QUANTITY_MAX);
  const others = entry.dishes.filter((dish) => dish.code !== code);
  entry.dishes = quantity ? [...others, { code, quantity }] : others;
  send('dishes', { dishes: entry.dishes, sequence: entry.last });
}

function clear() {
  Object.assign(entry, { typed: '', dishes: [], note: '' });
  send('amount', { amount_fen: null });
  return true;
}

async function send(name, facts) {
  drawEntry();
  entry.pending += 1;
  const isTaken = await order(name, facts);
  entry.pending -= 1;
  if (!isTaken) {
    entry.dishes = entry.told;
    entry.typed ||= entry.sent;
    tellNote(say('not_taken'));
  }
}

function tellNote(text) {
  entry.note = text;
  drawEntry();
  if (!find('note')) write('mark', text);
}

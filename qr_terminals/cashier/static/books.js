// The last payments, what was taken, the shift, and how ready the terminal is.

import { clock, find, make, write, yuan } from './dom.js';
import { askDigits, closeDialog, openDialog, openedDialog } from './dialogs.js';
import { order } from './link.js';
import { play, wake } from './sound.js';
import { pick, say, switchLanguage } from './words.js';

const MINUTE = 60;
const CASHIER_DIGITS = 6;
const PIN_DIGITS = 12;
const COUNTED_DIGITS = 8;
const books = { setup: null, books: null, health: null };
const OPENERS = { records: openRecords, shift: openShift, readiness: openReadiness };

/** Take over one of the facts `setup`, `books`, `health`. */
export function learn(name, facts) {
  books[name] = facts;
  drawBar();
  const opened = openedDialog();
  if (name === 'books' && (opened === 'records' || opened === 'shift')) OPENERS[opened]();
  if (name === 'health' && opened === 'readiness') openReadiness();
}

export function drawBar() {
  const { setup, health } = books;
  if (setup) {
    write('merchant', setup.merchant);
    write('terminal', `${setup.terminal} · ${setup.number}`);
  }
  write('records', say('records'));
  write('shift', shiftChip());
  if (!health) return;
  write('period', pick(health.period));
  write('sync', syncText(health));
  find('sync').dataset.level = health.asks ? 'good' : 'mend';
  write('readiness', say('ready', health.score));
  find('readiness').dataset.level = level(health.score);
}

/** Wire the bar's buttons; `redraw` is for a change of language. */
export function wireBar(redraw) {
  for (const [id, opener] of Object.entries(OPENERS)) find(id).addEventListener('click', opener);
  find('more').addEventListener('click', () => openMore(redraw));
}

function shiftChip() {
  const shift = books.books?.shift;
  return shift ? `${say('this_shift')} ¥${yuan(shift.takings.stands_fen)}` : say('no_shift');
}

function syncText({ was_synced: wasSynced, sync_seconds: seconds, pending }) {
  if (!wasSynced) return say('never_synced');
  const minutes = Math.floor(seconds / MINUTE);
  return minutes ? say('synced', minutes, pending) : say('synced_now', pending);
}

function level(score) {
  if (score >= books.setup?.ready_min) return 'good';
  return score >= books.setup?.mending_min ? 'mend' : 'bad';
}

// ------------------------------------------------------------------------------ last ten

function openRecords() {
  const recent = books.books?.recent ?? [];
  const rows = recent.map((one) => make('tr', { className: one.voided ? 'voided' : '' },
    make('td', { textContent: one.sequence }),
    make('td', { textContent: clock(one.at) }),
    make('td', { textContent: `…${one.card}` }),
    make('td', { className: 'sum', textContent: yuan(one.charged_fen) }),
    make('td', { textContent: one.online ? '' : say('offline') }),
    make('td', {}, voidButton(one))));
  openDialog('records', say('records'),
    rows.length ? make('table', {}, make('tbody', {}, ...rows))
      : make('p', { className: 'plain', textContent: say('no_records') }),
    totals());
}

function voidButton(one) {
  if (one.voided) return make('i', { textContent: say('was_voided') });
  if (Date.now() / 1000 - one.at > books.setup.void_seconds) return null;
  return make('button', { textContent: say('void'), on: { click: () => confirmVoid(one) } });
}

function confirmVoid(one) {
  const title = say('void_sure', one.sequence, yuan(one.charged_fen));
  withAuthority(title, say('yes_void'), (pin) => order('void', { sequence: one.sequence, ...pin }));
}

/** Ask for the authority PIN where one is set, else only whether it is meant. */
function withAuthority(title, yes, act) {
  if (books.health?.wants_authority) {
    const wanted = { longest: PIN_DIGITS, isSecret: true };
    askDigits('authority', `${title} ${say('authority')}`, wanted, (pin) => act({ pin }));
    return;
  }
  const go = () => {
    closeDialog();
    act({});
  };
  openDialog('sure', title, make('p', { className: 'choices' },
    make('button', { className: 'charge', textContent: yes, on: { click: go } }),
    make('button', { textContent: say('back'), on: { click: closeDialog } })));
}

function totals() {
  const { period, day, shift } = books.books ?? {};
  const columns = [['this_period', period], ['today', day], ['this_shift', shift?.takings]]
    .filter(([, takings]) => takings);
  return make('div', { className: 'totals' }, ...columns.map(([word, takings]) =>
    make('section', {}, make('h3', { textContent: say(word) }), takingsList(takings))));
}

function takingsList(takings) {
  const lines = [
    ['payments', takings.payments],
    ['charged', `¥${yuan(takings.charged_fen)}`],
    ['offline_count', takings.offline],
    ['voided', `${takings.voided} · ¥${yuan(takings.voided_fen)}`],
    ['stands', `¥${yuan(takings.stands_fen)}`],
  ];
  return make('dl', {}, ...lines.flatMap(([word, text]) => [
    make('dt', { textContent: say(word) }), make('dd', { textContent: text })]));
}

// --------------------------------------------------------------------------------- shift

function openShift() {
  const { shift, last_shift: last } = books.books ?? {};
  const content = [];
  if (shift) {
    content.push(make('section', {}, make('h3', { textContent: since(shift) }),
      takingsList(shift.takings)));
  }
  if (last && !shift) {
    content.push(make('section', { id: 'last_shift' },
      make('h3', { textContent: `${say('last_shift')} · ${since(last)} – ${clock(last.closed_at)}` }),
      takingsList(last.takings), counted(last)));
  }
  const act = shift ? askClose : askOpen;
  content.push(make('p', { className: 'choices' }, make('button', {
    className: 'charge',
    textContent: say(shift ? 'close_shift' : 'open_shift'),
    on: { click: act },
  })));
  openDialog('shift', say('shift'), ...content);
}

const since = (shift) => `${say('since', clock(shift.opened_at))}${shift.cashier ? ` · ${shift.cashier}` : ''}`;

function counted(last) {
  if (last.counted_fen === null) return null;
  return make('p', {
    className: 'counted',
    textContent: `${say('counted')} ¥${yuan(last.counted_fen)} · ${say('difference')} ¥${yuan(last.difference_fen)}`,
  });
}

function askOpen() {
  askDigits('cashier', say('cashier'), { longest: CASHIER_DIGITS, mayBeEmpty: true }, (typed) => {
    order('shift_open', { cashier: Number(typed || 0) });
    openShift();
  });
}

function askClose() {
  const wanted = { longest: COUNTED_DIGITS, mayBeEmpty: true };
  askDigits('counted', say('counted'), wanted, (typed) => {
    order('shift_close', { counted_fen: typed ? Number(typed) * 100 : null });
    openShift();
  });
}

// ----------------------------------------------------------------------------- the rest

function openReadiness() {
  const { score, parts } = books.health ?? { score: 0, parts: {} };
  const bars = Object.entries(parts).map(([name, worth]) => make('li', { data: { level: level(worth) } },
    make('span', { textContent: say(`part_${name}`) }),
    make('meter', { min: 0, max: 100, value: worth }),
    make('b', { textContent: worth })));
  openDialog('readiness', say('ready', score), make('ul', { className: 'parts' }, ...bars));
}

function openMore(redraw) {
  const isTraining = document.body.classList.contains('training');
  const word = isTraining ? 'training_off' : 'training_on';
  const train = () => withAuthority(say(word), say('enter'), (pin) =>
    order('training', { is_on: !isTraining, ...pin }));
  const change = () => {
    switchLanguage();
    closeDialog();
    redraw();
  };
  const sound = () => {
    wake();
    play('approved');
    setTimeout(play, 700, 'refused');
  };
  openDialog('more', say('more'), make('p', { className: 'choices' },
    make('button', { textContent: say('language'), on: { click: change } }),
    make('button', { textContent: say('sound_test'), on: { click: sound } }),
    make('button', { textContent: say(word), on: { click: train } })));
}

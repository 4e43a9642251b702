// The large half of the screen: what cashier and cardholder see from one and a half metres.

import { find, write, yuan } from './dom.js';
import { pick, say, sayOther } from './words.js';
import { play } from './sound.js';

// a shape of its own for each kind of result: colour alone tells nobody enough
const SHAPES = {
  approved: 'check',
  refused: 'cross',
  voided: 'back',
  trained: 'pencil',
  fault: 'stop',
  revoked: 'stop',
  asking: 'wait',
  busy: 'wait',
};
const PATHS = {
  check: 'M50 3a47 47 0 1 0 0 94a47 47 0 1 0 0-94zM24 52l18 18l35-38',
  cross: 'M31 4h38l27 27v38l-27 27h-38l-27-27v-38zM33 33l34 34M67 33l-34 34',
  back: 'M50 3a47 47 0 1 0 0 94a47 47 0 1 0 0-94zM44 30l-18 17l18 17M27 47h28a16 16 0 0 1 0 30h-6',
  pencil: 'M50 5L96 90H4zM36 72l4-14l18-24l10 8l-18 24z',
  stop: 'M31 4h38l27 27v38l-27 27h-38l-27-27v-38zM50 26v30M50 70v4',
  wait: 'M28 8h44M28 92h44M33 8c0 26 34 30 34 42s-34 16-34 42M67 8c0 26-34 30-34 42s34 16 34 42',
};
const SVG = 'http://www.w3.org/2000/svg';

const view = { facts: { result: 'starting', dishes: [] }, isFree: true };

/** Whether the cashier has to say an amount before anybody shows a code. */
export function setFree(isFree) {
  view.isFree = isFree;
  draw();
}

/** Take over a view; sounds are for what is new. */
export function show(facts) {
  view.facts = facts;
  draw();
  if (facts.result === 'approved' && facts.after_restart) return;
  play(facts.again ? 'again' : facts.result);
}

/** The terminal asks the server about a tap. */
export function showAsking() {
  view.facts = { ...view.facts, result: 'asking' };
  draw();
}

/** Draw it again, for instance in the other language. */
export function draw() {
  const { facts } = view;
  const { result } = facts;
  document.body.dataset.result = result === 'waiting' && !facts.amount_fen && view.isFree
    ? 'idle' : result;
  drawShape(SHAPES[result]);
  write('headline', headline(facts));
  write('amount', amount(facts));
  write('detail', detail(facts));
  write('mark', mark(facts));
}

function headline(facts) {
  if (facts.result === 'voided') return say('voided_result', facts.reverses);
  if (facts.result === 'refused' && facts.note) return pick(facts.note);
  return say(document.body.dataset.result);
}

function amount(facts) {
  if (facts.result === 'approved') return `¥${yuan(facts.charged_fen)}`;
  return facts.amount_fen ? `¥${yuan(facts.amount_fen)}` : '';
}

function detail(facts) {
  switch (facts.result) {
    case 'approved':
      return [say('card', facts.card), say('sequence', facts.sequence),
        facts.online ? null : say('offline')].filter(Boolean).join(' · ');
    case 'refused':
      return say('refused');
    case 'trained':
      return say('trained_amount');
    default:
      return facts.note ? pick(facts.note) : sayOther(document.body.dataset.result);
  }
}

function mark(facts) {
  if (facts.after_restart) return `${say('after_restart')} · ${say('after_restart_hint')}`;
  return facts.again ? say('again') : '';
}

function drawShape(name) {
  const shape = find('shape');
  if (shape.dataset.name === (name ?? '')) return;
  shape.dataset.name = name ?? '';
  if (!name) {
    shape.replaceChildren();
    return;
  }
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 100 100');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  shape.replaceChildren(svg);
}

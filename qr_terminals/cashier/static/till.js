// The cashier's page: facts in, orders out. It decides nothing; the terminal does.

import { drawBar, learn, wireBar } from './books.js';
import { askDigits, closeDialog, openedDialog } from './dialogs.js';
import { find, write } from './dom.js';
import { drawEntry, follow, isFree, press, setLast, setUp } from './entry.js';
import { listen, order } from './link.js';
import { draw, setFree, show, showAsking } from './result.js';
import { wake } from './sound.js';
import { say } from './words.js';

const PIN_REASONS = ['pin_required', 'wrong_pin'];
const PIN_DIGITS = 12;

const HEARD = {
  view: hearView,
  asking: showAsking,
  setup: (facts) => {
    setUp(facts);
    learn('setup', facts);
    setFree(isFree());
  },
  books: (facts) => {
    setLast(facts.recent[0]?.sequence ?? 0);
    learn('books', facts);
  },
  health: (facts) => {
    learn('health', facts);
    drawTraining(facts.training);
  },
};

function hearView(facts) {
  show(facts);
  follow(facts);
  drawTraining(facts.training);
  if (PIN_REASONS.includes(facts.reason)) {
    const wanted = { longest: PIN_DIGITS, isSecret: true };
    askDigits('pin', say('pin'), wanted, (pin) => order('pin', { pin }));
  } else if (openedDialog() === 'pin') {
    closeDialog();
  }
}

function drawTraining(isTraining) {
  document.body.classList.toggle('training', isTraining);
  find('training').hidden = !isTraining;
  write('training', say('training'));
}

function tellLine(isThere) {
  document.body.classList.toggle('lost', !isThere);
  find('lost').hidden = isThere;
  write('lost', say('lost'));
}

function redraw() {
  drawBar();
  drawEntry();
  draw();
  write('training', say('training'));
}

addEventListener('keydown', (event) => {
  wake();
  if (openedDialog() || event.ctrlKey || event.altKey || event.metaKey) return;
  if (press(event.key)) event.preventDefault();
});
addEventListener('pointerdown', wake);
addEventListener('contextmenu', (event) => event.preventDefault());

wireBar(redraw);
redraw();
listen(Object.keys(HEARD), (name, facts) => HEARD[name](facts), tellLine);

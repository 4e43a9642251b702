// One dialog at a time, with a keypad of its own where digits are wanted.

import { find, make } from './dom.js';
import { say } from './words.js';

const PAD = [...'123456789', '⌫', '0'];

/** Open a dialog with this title and content, instead of the one that is open. */
export function openDialog(name, title, ...content) {
  const dialog = find('dialog');
  dialog.dataset.name = name;
  dialog.replaceChildren(
    make('header', {}, make('h2', { textContent: title }),
      make('button', { textContent: say('close'), on: { click: closeDialog } })),
    ...content);
  if (!dialog.open) dialog.showModal();
}

export function closeDialog() {
  find('dialog').close();
}

/** The name of the dialog that is open, else "". */
export const openedDialog = () => (find('dialog').open ? find('dialog').dataset.name : '');

/** Ask for digits; `done` gets them. Secret ones are shown as dots. */
export function askDigits(name, title, { longest, isSecret = false, mayBeEmpty = false }, done) {
  let typed = '';
  const shown = make('output', { className: 'digits' });
  const draw = () => { shown.textContent = isSecret ? '●'.repeat(typed.length) : typed; };
  const press = (key) => {
    if (key === '⌫' || key === 'Backspace') typed = typed.slice(0, -1);
    else if (/^\d$/.test(key) && typed.length < longest) typed += key;
    else if (key === 'Enter' && (typed || mayBeEmpty)) {
      closeDialog();
      done(typed);
      return;
    }
    draw();
  };
  const keys = [...PAD, 'Enter'].map((key) => make('button', {
    className: key === 'Enter' ? 'key charge' : 'key',
    textContent: key === 'Enter' ? say('enter') : key,
    on: { click: () => press(key) },
  }));
  const box = make('div', { className: 'ask', tabIndex: -1 }, shown,
    make('div', { className: 'pad small' }, ...keys));
  box.addEventListener('keydown', (event) => {
    if (event.target instanceof HTMLButtonElement && event.key === 'Enter' && !typed) return;
    event.preventDefault();
    press(event.key);
  });
  openDialog(name, title, box);
  box.focus();
}

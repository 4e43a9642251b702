// glass-easel's DOM backend, with what a phone does otherwise.
import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { BUILTINS } from './builtins/tags.mjs';

const TAGS = new Set(BUILTINS);
const LONG_PRESS_MS = 350;
const LONG_PRESS_PX = 10;

/** Events a built-in fires itself, with WeChat's detail. */
const FIRED_BY_BUILTINS = new Set([
  'input', 'change', 'scroll', 'load', 'error', 'focus', 'blur', 'confirm', 'submit', 'reset',
]);

function tagName(tag) {
  if (tag.startsWith('html-')) return tag.slice('html-'.length);
  return TAGS.has(tag) ? `wx-${tag}` : tag;
}

const points = (list) =>
  [...(list ?? [])].map(({ identifier, clientX, clientY, pageX, pageY }) => {
    return { identifier, clientX, clientY, pageX, pageY };
  });

export class Backend extends glassEasel.CurrentWindowBackendContext {
  constructor() {
    super();
    this.sheets = new Map();
    this.document = {
      createElement: (tag) => document.createElement(tagName(tag)),
      createTextNode: (text) => document.createTextNode(text),
      createDocumentFragment: () => document.createDocumentFragment(),
    };
    this.onEvent((target, type, detail, options) => {
      const { touches, changedTouches } = options.originalEvent ?? {};
      const extraFields = { touches: points(touches), changedTouches: points(changedTouches) };
      glassEasel.triggerEvent(target, type, detail, { ...options, extraFields });
    });
    this.#listenForLongPresses();
  }

  /** The DOM event of the same name must not arrive as well: it bubbles, with another detail. */
  setListenerStats(element, type, ...more) {
    if (FIRED_BY_BUILTINS.has(type) && element?.tagName?.startsWith('WX-')) return;
    super.setListenerStats(element, type, ...more);
  }

  registerStyleSheetContent(path, text) {
    this.sheets.set(path, { text });
  }

  appendStyleSheetPath(path) {
    const sheet = this.sheets.get(path);
    if (sheet && !sheet.element) {
      sheet.element = document.createElement('style');
      sheet.element.dataset.path = path;
      sheet.element.textContent = sheet.text;
      document.head.append(sheet.element);
    }
    return 0;
  }

  disableStyleSheet() {}

  /** On a phone each page has a document of its own: only the shown page's sheet is on. */
  showStylesOf(page, pages) {
    for (const [path, { element }] of this.sheets) {
      if (element && pages.includes(path)) element.disabled = path !== page;
    }
  }

  #listenForLongPresses() {
    let pressed;
    const cancel = () => clearTimeout(pressed?.timer);
    document.addEventListener('pointerdown', ({ target, clientX, clientY }) => {
      cancel();
      const timer = setTimeout(() => {
        let element = target;
        while (element && !element.__wxElement) element = element.parentNode;
        const options = { bubbles: true, composed: true, capturePhase: true };
        const detail = { x: clientX, y: clientY };
        if (element) glassEasel.triggerEvent(element.__wxElement, 'longpress', detail, options);
      }, LONG_PRESS_MS);
      pressed = { timer, clientX, clientY };
    });
    document.addEventListener('pointermove', ({ clientX, clientY }) => {
      const moved = Math.hypot(clientX - pressed?.clientX, clientY - pressed?.clientY);
      if (moved > LONG_PRESS_PX) cancel();
    });
    document.addEventListener('pointerup', cancel);
    document.addEventListener('pointercancel', cancel);
  }
}

// Making and filling elements. Text only: nothing a terminal is told ever becomes markup.

/** An element with properties and children; `on` holds listeners, `data` the data attributes. */
export function make(tag, { on = {}, data = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  Object.assign(element.dataset, data);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const find = (id) => document.getElementById(id);

/** Write text where it differs, so that a screen reader hears only news. */
export function write(id, text) {
  const element = find(id);
  if (element.textContent !== text) element.textContent = text;
}

/** Fen as yuan, for people: 1250 is 12.50. */
export function yuan(fen) {
  const whole = Math.abs(fen);
  const sign = fen < 0 ? '-' : '';
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, '0')}`;
}

/** A Unix second as the time of day on this box. */
export function clock(at) {
  return new Date(at * 1000).toLocaleTimeString('zh-CN', { hour12: false });
}

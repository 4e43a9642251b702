// Making elements. No HTML is ever parsed: what the server says stays text.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, handlers (`onclick` …) and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for drawings. */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A button with a name; `key` finds it again after the page was drawn anew. */
export function button(key, text, onclick, attributes = {}) {
  return h("button", { type: "button", "data-key": key, onclick, ...attributes }, text);
}

/** Draw anew, and leave the focus where it was if that is still there. */
export function redraw(place, ...children) {
  const key = place.contains(document.activeElement) && document.activeElement.dataset.key;
  place.replaceChildren(...children.filter((one) => one !== null));
  if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** A QR code with its quiet zone of four modules. */
export function qr({ size, path }, label) {
  const zone = 4;
  const box = `${-zone} ${-zone} ${size + 2 * zone} ${size + 2 * zone}`;
  return s(
    "svg",
    { class: "qr", viewBox: box, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    s("rect", { x: -zone, y: -zone, width: "100%", height: "100%", fill: "#fff" }),
    s("path", { d: path, fill: "#000" }),
  );
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((one) => one !== null));
  return element;
}

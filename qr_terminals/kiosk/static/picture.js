// The picture of a phone that shows its code to the reader below.

import { s } from "./dom.js";

export function picture() {
  const cells = [[32, 22], [29, 26], [35, 28], [22, 31], [27, 32], [38, 32], [33, 36], [41, 36]];
  const small = [...cells, [29, 41], [37, 41], [41, 31], [24, 35]];
  const corners = [[20, 20], [36, 20], [20, 36]];
  const dots = [
    ...small.map(([x, y]) => s("rect", { x, y, width: 3, height: 3 })),
    ...corners.map(([x, y]) => s("rect", { class: "corner", x: x + 1, y: y + 1, width: 6, height: 6 })),
    ...corners.map(([x, y]) => s("rect", { x: x + 3, y: y + 3, width: 2, height: 2 })),
  ];
  return s(
    "svg",
    { class: "picture", viewBox: "0 0 120 96", "aria-hidden": "true" },
    s("rect", { class: "reader", x: 20, y: 84, width: 80, height: 8, rx: 4 }),
    s("path", { class: "beam", d: "M36 84 L60 62 L84 84 Z" }),
    s(
      "g",
      { class: "phone" },
      s("rect", { class: "body", x: 14, y: 4, width: 36, height: 56, rx: 5 }),
      s("rect", { class: "face", x: 18, y: 18, width: 28, height: 28, rx: 2 }),
      s("g", { class: "code" }, ...dots),
    ),
  );
}

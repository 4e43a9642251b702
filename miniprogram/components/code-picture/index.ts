/** The campus code drawn black on white: as QR or as bars. An empty code leaves white paper. */
import { bars } from "../../models/code128";
import { matrix } from "../../models/qr";

const QUIET_MODULES = 4;
const BAR_QUIET_MODULES = 10;

interface Drawable {
  readonly width: number;
  readonly height: number;
  readonly paper: WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D;
}

Component({
  properties: {
    digits: { type: String, value: "" },
    /** "qr" or "bars". */
    kind: { type: String, value: "qr" },
    label: { type: String, value: "" },
  },
  data: {},
  lifetimes: {
    ready() {
      this.draw();
    },
  },
  observers: {
    "digits, kind"() {
      this.draw();
    },
  },
  methods: {
    draw() {
      this.createSelectorQuery()
        .select("#picture")
        .fields({ node: true, size: true })
        .exec((found: readonly (CanvasFound | null)[]) => {
          const canvas = found[0];
          if (!canvas) return;
          const drawable = cleared(canvas);
          const { digits, kind } = this.data;
          if (digits !== "" && kind === "bars") drawBars(drawable, bars(digits));
          if (digits !== "" && kind === "qr") drawSquares(drawable, matrix(digits));
          this.triggerEvent("drawn", { digits, kind });
        });
    },
  },
});

interface CanvasFound {
  readonly node: WechatMiniprogram.Canvas;
  readonly width: number;
  readonly height: number;
}

/** White paper in the screen's own pixels, so that every module is whole pixels wide. */
function cleared(found: CanvasFound): Drawable {
  const { node } = found;
  const ratio = wx.getWindowInfo().pixelRatio;
  node.width = Math.round(found.width * ratio);
  node.height = Math.round(found.height * ratio);
  const paper = node.getContext("2d");
  paper.fillStyle = "#ffffff";
  paper.fillRect(0, 0, node.width, node.height);
  paper.fillStyle = "#000000";
  return { width: node.width, height: node.height, paper };
}

function drawSquares(on: Drawable, rows: readonly (readonly boolean[])[]): void {
  const side = Math.floor(on.width / (rows.length + 2 * QUIET_MODULES));
  const start = Math.floor((on.width - side * rows.length) / 2);
  rows.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (isDark) on.paper.fillRect(start + x * side, start + y * side, side, side);
    });
  });
}

function drawBars(on: Drawable, modules: readonly boolean[]): void {
  const width = Math.max(1, Math.floor(on.width / (modules.length + 2 * BAR_QUIET_MODULES)));
  const start = Math.floor((on.width - width * modules.length) / 2);
  modules.forEach((isDark, x) => {
    if (isDark) on.paper.fillRect(start + x * width, 0, width, on.height);
  });
}

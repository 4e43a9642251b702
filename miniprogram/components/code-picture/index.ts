/** The campus code drawn black on white: as QR or as bars. An empty code leaves white paper. */
import { bars } from "../../models/code128";
import { matrix } from "../../models/qr";

const QUIET_MODULES = 4;
const BAR_QUIET_MODULES = 10;

/** The modules of a picture, made while the canvas is still being asked for. */
interface Made {
  readonly digits: string;
  readonly kind: string;
  readonly squares: readonly (readonly boolean[])[];
  readonly bars: readonly boolean[];
}

const WHITE: Made = { digits: "", kind: "", squares: [], bars: [] };
const mades = new WeakMap<object, Made>();
/** What is on a component's canvas. */
const drawn = new WeakMap<object, Made>();

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
      this.made();
      this.createSelectorQuery()
        .select("#picture")
        .fields({ node: true, size: true })
        .exec((found: readonly (CanvasFound | null)[]) => {
          const canvas = found[0];
          if (!canvas) return;
          const made = this.made();
          if (drawn.get(this) === made) return;
          drawn.set(this, made);
          const drawable = cleared(canvas);
          drawSquares(drawable, made.squares);
          drawBars(drawable, made.bars);
          this.triggerEvent("drawn", { digits: made.digits });
        });
    },
    /** The modules of what is to be shown now. */
    made(): Made {
      const { digits, kind } = this.data;
      const before = mades.get(this);
      if (before?.digits === digits && before.kind === kind) return before;
      const made = digits === "" ? WHITE : modulesOf(digits, kind);
      mades.set(this, made);
      return made;
    },
  },
});

interface CanvasFound {
  readonly node: WechatMiniprogram.Canvas;
  readonly width: number;
  readonly height: number;
}

function modulesOf(digits: string, kind: string): Made {
  if (kind === "bars") return { digits, kind, squares: [], bars: bars(digits) };
  return { digits, kind, squares: matrix(digits), bars: [] };
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
    for (let x = 0; x < row.length; x += 1) {
      const begin = x;
      while (row[x] === true) x += 1; // dark modules side by side are one rectangle
      if (x > begin) on.paper.fillRect(start + begin * side, start + y * side, (x - begin) * side, side);
    }
  });
}

function drawBars(on: Drawable, modules: readonly boolean[]): void {
  const width = Math.max(1, Math.floor(on.width / (modules.length + 2 * BAR_QUIET_MODULES)));
  const start = Math.floor((on.width - width * modules.length) / 2);
  modules.forEach((isDark, x) => {
    if (isDark) on.paper.fillRect(start + x * width, 0, width, on.height);
  });
}

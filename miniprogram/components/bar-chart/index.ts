/** A quiet bar chart on a canvas: shares of the largest, a few labels, one chosen bar. */
export interface Bar {
  /** 0 … 1 of the largest. */
  readonly share: number;
  /** Under the bar; "" for most. */
  readonly label: string;
  readonly isStrong: boolean;
}

const LABEL_HEIGHT = 22;
const GAP_SHARE = 0.28;
const GAP_MAX = 14;
const BAR_MAX = 34;
const STRONG = "#0b6b54";
const QUIET = "#a9cfc2";
const LINE = "#e2e8e3";
const WORDS = "#56625c";

type Paper = WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D;

interface CanvasFound {
  readonly node: WechatMiniprogram.Canvas;
  readonly width: number;
  readonly height: number;
}

Component({
  properties: {
    bars: { type: Array, value: [] as Bar[] },
    label: { type: String, value: "" },
    /** Pixels of the labels' type. */
    size: { type: Number, value: 12 },
  },
  data: {},
  lifetimes: {
    ready() {
      this.draw();
    },
  },
  observers: {
    "bars, size"() {
      this.draw();
    },
  },
  methods: {
    draw() {
      this.createSelectorQuery()
        .select("#chart")
        .fields({ node: true, size: true })
        .exec((found: readonly (CanvasFound | null)[]) => {
          const canvas = found[0];
          if (!canvas) return;
          const { node, width, height } = canvas;
          const ratio = wx.getWindowInfo().pixelRatio;
          node.width = Math.round(width * ratio);
          node.height = Math.round(height * ratio);
          const paper = node.getContext("2d");
          paper.scale(ratio, ratio);
          paper.clearRect(0, 0, width, height);
          drawChart(paper, this.data.bars, { width, height, size: this.data.size });
        });
    },
  },
});

interface Room {
  readonly width: number;
  readonly height: number;
  readonly size: number;
}

function drawChart(paper: Paper, bars: readonly Bar[], room: Room): void {
  const floor = room.height - LABEL_HEIGHT;
  paper.fillStyle = LINE;
  paper.fillRect(0, floor, room.width, 1);
  if (bars.length === 0) return;
  const step = room.width / bars.length;
  const gap = Math.min(GAP_MAX, step * GAP_SHARE);
  const width = Math.min(BAR_MAX, step - gap);
  paper.font = `${room.size}px sans-serif`;
  paper.textAlign = "center";
  paper.textBaseline = "bottom";
  bars.forEach((bar, index) => {
    const middle = step * (index + 0.5);
    const tall = bar.share <= 0 ? 0 : Math.max(2, bar.share * (floor - 6));
    paper.fillStyle = bar.isStrong ? STRONG : QUIET;
    paper.fillRect(middle - width / 2, floor - tall, width, tall);
    if (bar.label === "") return;
    paper.fillStyle = bar.isStrong ? STRONG : WORDS;
    paper.fillText(bar.label, middle, room.height - 2);
  });
}

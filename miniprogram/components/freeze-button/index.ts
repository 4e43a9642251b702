/**
 * One tap freezes, and before the finger is up again: a finger that rests counts after a moment,
 * a quick tap when it lifts, a finger that moves was scrolling.
 */
const REST_MS = 120;
const MOVED_PX = 10;

interface Touched {
  readonly touches: readonly { readonly clientX: number; readonly clientY: number }[];
}

/** What one touch has come to; not shown, so not in `data`. */
interface Touch {
  timer: number;
  x: number;
  y: number;
  isOver: boolean;
}

const touches = new WeakMap<object, Touch>();

Component({
  properties: {
    label: { type: String, value: "" },
    hint: { type: String, value: "" },
    isDisabled: { type: Boolean, value: false },
  },
  data: { isDown: false },
  lifetimes: {
    detached() {
      clearTimeout(touches.get(this)?.timer ?? 0);
    },
  },
  methods: {
    onDown(event: Touched) {
      const at = event.touches[0];
      if (this.data.isDisabled || at === undefined) return;
      clearTimeout(touches.get(this)?.timer ?? 0);
      const timer = setTimeout(() => this.fire(), REST_MS);
      touches.set(this, { timer, x: at.clientX, y: at.clientY, isOver: false });
      this.setData({ isDown: true });
    },
    onMove(event: Touched) {
      const touch = touches.get(this);
      const at = event.touches[0];
      if (touch === undefined || at === undefined) return;
      const moved = Math.max(Math.abs(at.clientX - touch.x), Math.abs(at.clientY - touch.y));
      if (moved > MOVED_PX) this.onCancel();
    },
    onCancel() {
      const touch = touches.get(this);
      if (touch !== undefined) {
        clearTimeout(touch.timer);
        touch.isOver = true;
      }
      this.setData({ isDown: false });
    },
    onUp() {
      clearTimeout(touches.get(this)?.timer ?? 0);
      this.setData({ isDown: false });
    },
    onTap() {
      if (!this.data.isDisabled) this.fire();
      touches.delete(this);
    },
    /** Once for each touch; a tap without a touch (a screen reader's) counts as well. */
    fire() {
      const touch = touches.get(this);
      if (touch?.isOver === true) return;
      if (touch !== undefined) touch.isOver = true;
      this.triggerEvent("freeze");
    },
  },
});

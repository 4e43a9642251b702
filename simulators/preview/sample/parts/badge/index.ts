Component({
  options: { multipleSlots: true },
  properties: { text: { type: String, value: "" } },
  data: { length: 0, isReady: false },
  observers: {
    text(text: string) {
      this.setData({ length: text.length });
    },
  },
  lifetimes: {
    ready() {
      this.setData({ isReady: true });
    },
  },
  methods: {
    onTap() {
      this.triggerEvent("badge", { text: this.data.text }, { bubbles: true, composed: true });
    },
  },
});

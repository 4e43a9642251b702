Page({
  data: { at: 0 },
  onLoad() {
    this.setData({ at: Date.now() });
  },
});

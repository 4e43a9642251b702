/* Everything here is what a page must not do; the test wants a complaint for each. */
declare const document: { title: string };
declare const window: object;
declare const fetch: object;
declare const globalThis: object;

Page({
  data: { query: {}, globals: "" },

  onLoad(query: Record<string, string>) {
    const globals = [typeof document, typeof window, typeof fetch, typeof globalThis].join(" ");
    this.setData({ query, globals });
  },
  onFar() {
    void wx.redirectTo({ url: "/packages/far/page/index" });
  },
  onInvented() {
    (wx as unknown as { inventedByUs(): void }).inventedByUs();
  },
  onUnknown() {
    wx.createCameraContext();
  },
  async onThrow() {
    await Promise.resolve();
    throw new Error("thrown on purpose");
  },
  onNowhere() {
    void wx.navigateTo({ url: "/pages/nowhere/index", fail() {} });
  },
  onDocument() {
    document.title = "x";
  },
});

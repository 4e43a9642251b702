/** The campus code, the first thing that opens. It needs nothing but this phone's storage. */
import { card, session, settings } from "../../stores/index";
import { follow, IDLE } from "../follow";
import { homeOf } from "../home";
import { cardFace } from "./face";

Page({
  data: { face: "starting", t: {}, large: "" },
  following: IDLE,
  isSwitched: false,

  onLoad() {
    this.following = follow(this, ["card"], [card, session], (language) => {
      const isBars = settings.state.isCode128 !== this.isSwitched;
      return cardFace(card.state, isBars ? "bars" : "qr", Date.now() / 1000, language);
    });
  },
  async onShow() {
    this.following.entitle(); // the language may be another one by now
    await card.open();
    // no card on this phone, but a guardian's or a staff member's session: their own first page
    const { role } = session.state;
    if (card.state.phase === "unbound" && (role === "guardian" || role === "staff")) {
      void wx.reLaunch({ url: homeOf(role) });
    }
  },
  onHide() {
    card.close();
  },
  onUnload() {
    card.close();
    this.following.end();
  },

  onSwitch() {
    this.isSwitched = !this.isSwitched;
    this.following.show();
  },
  onFreeze() {
    void card.freeze(["money", "doors"]);
  },
  onFreezeMoney() {
    void card.freeze(["money"]);
  },
  onFreezeDoors() {
    void card.freeze(["doors"]);
  },
  onFound() {
    void card.found();
  },
  onRefresh() {
    void card.refresh();
  },
  onDismiss() {
    card.dismissNotice();
  },
  onBind() {
    void wx.navigateTo({ url: "/pages/bind/index" });
  },
  onMenu() {
    void wx.navigateTo({ url: "/pages/me/index" });
  },
  onStatement() {
    void wx.navigateTo({ url: "/packages/student/statement/index" });
  },
  onEmergency() {
    void wx.navigateTo({ url: "/packages/student/emergency/index" });
  },
  onWindows() {
    void wx.navigateTo({ url: "/packages/student/windows/index" });
  },
});

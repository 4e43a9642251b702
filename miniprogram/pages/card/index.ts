/** The campus code, the first thing that opens. It needs nothing but this phone's storage. */
import { card, session, settings, topUps } from "../../stores/index";
import { OWN } from "../../stores/top_ups";
import { say } from "../../words/index";
import { follow, IDLE } from "../follow";
import { homeOf } from "../home";
import { cardFace, FIRST_FRAME, firstOf } from "./face";

/** A page whose code was not drawn by then shows the rest all the same. */
const WHOLE_MS_MAX = 300;

Page({
  data: { ...FIRST_FRAME, isWhole: false, t: {}, large: "" },
  following: IDLE,
  isSwitched: false,
  /** The code comes first: all else is shown, and the server asked, when it is on the screen. */
  isWhole: false,
  whole: Promise.resolve(),
  finish: (): void => undefined,

  onLoad() {
    this.whole = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.following = follow(this, ["card"], [card, session, topUps], (language) => {
      const isBars = settings.state.isCode128 !== this.isSwitched;
      const face = cardFace(card.state, isBars ? "bars" : "qr", Date.now() / 1000, language);
      const { whose, isLow } = topUps.state;
      const low = whose === OWN && isLow && face["hasCard"] === true ? say("card.low", language) : "";
      return this.isWhole ? { ...face, low } : firstOf(face);
    });
  },
  async onShow() {
    this.following.entitle(); // the language may be another one by now
    await card.open(this.whole);
    const isCode = this.data.face === "code";
    setTimeout(() => this.complete(), isCode ? WHOLE_MS_MAX : 0);
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

  onDrawn(event: { readonly detail: { readonly digits: string } }) {
    const isCode = event.detail.digits !== "";
    if (isCode && !this.isWhole) setTimeout(() => this.complete()); // after the frame that shows it
  },
  complete() {
    if (this.isWhole) return;
    this.isWhole = true;
    this.following.show();
    this.finish();
    const { phase } = card.state;
    if (phase === "ready" || phase === "no_secrets") void topUps.open(OWN); // is the money low?
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
  onTopUp() {
    void wx.navigateTo({ url: "/packages/topup/topup/index" });
  },
  onEmergency() {
    void wx.navigateTo({ url: "/packages/student/emergency/index" });
  },
  onWindows() {
    void wx.navigateTo({ url: "/packages/student/windows/index" });
  },
});

/** A guardian's children. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import type { ChildView } from "../../../stores/guardian";
import { guardian } from "../../../stores/index";
import { amount } from "../../../words/amount";
import { cardState } from "../../../words/card_state";
import { say, type Language } from "../../../words/index";

Page({
  data: { t: {}, large: "", children: [] },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["children"], [guardian], (language) => this.look(language));
  },
  onShow() {
    this.following.entitle(); // the language may be another one by now
    void guardian.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { children } = guardian.state;
    const fresh = freshness(guardian.state, Date.now() / 1000, language);
    return {
      ...fresh,
      isEmpty: fresh.hasAnswer && children.length === 0,
      children: children.map((child) => shown(child, language)),
      menuLabel: say("me.title", language),
    };
  },

  onChild(event: WechatMiniprogram.TouchEvent) {
    const id = event.currentTarget.dataset["id"] as number;
    void wx.navigateTo({ url: `/packages/guardian/child/index?id=${id}` });
  },
  onAdd() {
    void wx.navigateTo({ url: "/pages/bind/index?role=guardian" });
  },
  onMenu() {
    void wx.navigateTo({ url: "/pages/me/index" });
  },
});

function shown(child: ChildView, language: Language): object {
  const { state, tone } = cardState(child.cardState, child.areDoorsFrozen, language);
  const isShared = child.balanceFen !== null;
  const balance = isShared ? amount(child.balanceFen) : "";
  const spent = child.spentTodayFen;
  return {
    id: child.cardholderId,
    name: child.name,
    department: child.department,
    state,
    tone,
    balance,
    spent: !isShared
      ? say("children.not_shared", language)
      : spent === null
        ? ""
        : say("children.spent", language, { amount: amount(spent) }),
    label: say("children.row_label", language, {
      name: child.name,
      state,
      amount: balance || say("children.not_shared", language),
    }),
  };
}

/** One child: state, freeze, emergency code and what the child shares of the payments. */
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { numbered } from "../../../pages/numbered";
import { daysOf } from "../../../pages/statement_rows";
import type { ChildView, GuardianState } from "../../../stores/guardian";
import { guardian } from "../../../stores/index";
import { amount } from "../../../words/amount";
import { cardState } from "../../../words/card_state";
import { say, type Language } from "../../../words/index";
import { reachTold } from "../../../words/reach";

Page({
  data: { t: {}, large: "", name: "", groups: [] },
  following: IDLE,
  id: 0,

  onLoad(query: { id?: string }) {
    this.id = Number(query.id ?? 0);
    this.following = follow(this, ["child"], [guardian], (language) => this.look(language));
    void guardian.openChild(this.id);
  },
  onUnload() {
    this.following.end();
    guardian.closeChild();
  },

  look(language: Language) {
    const now = Date.now() / 1000;
    const { chosen, lines, hasMore, isLoading, emergency } = guardian.state;
    const fresh = freshness(guardian.state, now, language);
    if (chosen === null || chosen.cardholderId !== this.id) return { ...fresh, name: "" };
    return {
      ...fresh,
      ...childShown(chosen, language),
      ...freezeShown(chosen, guardian.state, language),
      groups: numbered(emergency?.groups ?? []),
      isAllShared: chosen.sees === "all",
      isMinor: !chosen.isAdult,
      isEmpty: !isLoading && lines.length === 0,
      days: chosen.sees === "all" ? daysOf(lines, now, language) : [],
      hasMore: hasMore && chosen.sees === "all",
      isLoading,
    };
  },

  onFreeze() {
    void guardian.freeze(this.id, ["money", "doors"]);
  },
  onFound() {
    void guardian.found(this.id);
  },
  onEmergency() {
    void guardian.showEmergency(this.id);
  },
  onHideEmergency() {
    guardian.hideEmergency();
  },
  onTopUp() {
    void wx.navigateTo({ url: `/packages/topup/topup/index?child=${this.id}` });
  },
  onLimits() {
    void wx.navigateTo({ url: `/packages/topup/limits/index?child=${this.id}` });
  },
  onMore() {
    void guardian.more();
  },
});

function childShown(child: ChildView, language: Language): Record<string, unknown> {
  const spent = child.spentTodayFen;
  return {
    name: child.name,
    topUpLabel: say("child.top_up", language, { name: child.name }),
    ...cardState(child.cardState, child.areDoorsFrozen, language),
    card: say("child.card", language, { tail: child.cardNumberTail }),
    balance: child.balanceFen === null ? "" : amount(child.balanceFen),
    spent:
      child.balanceFen === null
        ? say("children.not_shared", language)
        : spent === null
          ? ""
          : say("children.spent", language, { amount: amount(spent) }),
  };
}

function freezeShown(
  child: ChildView,
  from: GuardianState,
  language: Language,
): Record<string, unknown> {
  const isFrozen = child.cardState === "frozen";
  const isOwn = isFrozen && from.canLiftAt !== null && !child.isFreezeUnsent;
  const seconds = from.liftSecondsLeft;
  const { isOffline, freeze: reach } = from;
  const told = { isFreezeUnsent: child.isFreezeUnsent, isOffline, reach };
  const found = say("card.found_wait", language, { seconds });
  return {
    canFreeze: child.cardState === "active",
    reach: isFrozen ? reachTold(told, language) : "",
    canFind: isOwn && seconds === 0,
    foundLabel: isOwn ? (seconds > 0 ? found : say("child.found", language)) : "",
  };
}

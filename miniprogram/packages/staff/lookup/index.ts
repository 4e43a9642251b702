/** Find a cardholder by the school's number; the person sees who looked. */
import { follow, IDLE } from "../../../pages/follow";
import { staff } from "../../../stores/index";
import { say, sayNotice, type Language } from "../../../words/index";

Page({
  data: { t: {}, large: "", number: "" },
  following: IDLE,

  onLoad() {
    this.following = follow(this, ["lookup"], [staff], (language) => this.look(language));
  },
  onShow() {
    this.following.entitle(); // the language may be another one by now
    staff.forget();
    this.setData({ number: "" });
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { isBusy, notice } = staff.state;
    return {
      isBusy,
      notice: sayNotice(notice, language),
      sendLabel: say(isBusy ? "lookup.busy" : "lookup.do", language),
      menuLabel: say("me.title", language),
    };
  },

  onNumber(event: { detail: { value: string } }) {
    this.setData({ number: event.detail.value });
  },
  async onSend() {
    if (await staff.lookUp(this.data.number.trim())) {
      void wx.navigateTo({ url: "/packages/staff/person/index" });
    }
  },
  onMenu() {
    void wx.navigateTo({ url: "/pages/me/index" });
  },
});

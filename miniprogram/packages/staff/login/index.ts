/** Staff log in with password and one-time code. Nothing typed here is kept. */
import { follow, IDLE } from "../../../pages/follow";
import { homeOf } from "../../../pages/home";
import { session } from "../../../stores/index";
import { say, sayNotice, type Language } from "../../../words/index";

interface Typed {
  readonly detail: { readonly value: string };
}

Page({
  data: { t: {}, large: "", login: "", password: "", totp: "" },
  following: IDLE,

  onLoad() {
    session.dismissNotice();
    this.following = follow(this, ["login"], [session], (language) => this.look(language));
  },
  onUnload() {
    this.following.end();
    session.dismissNotice();
  },

  look(language: Language) {
    const { isBusy, notice } = session.state;
    return {
      isBusy,
      notice: sayNotice(notice, language),
      sendLabel: say(isBusy ? "login.busy" : "login.do", language),
    };
  },

  onLogin(event: Typed) {
    this.setData({ login: event.detail.value });
  },
  onPassword(event: Typed) {
    this.setData({ password: event.detail.value });
  },
  onTotp(event: Typed) {
    this.setData({ totp: event.detail.value });
  },
  async onSend() {
    const { login, password, totp } = this.data;
    const isIn = await session.logInStaff(login.trim(), password, totp);
    this.setData({ totp: "", ...(isIn ? { password: "" } : {}) });
    if (isIn) void wx.reLaunch({ url: homeOf("staff") });
  },
});

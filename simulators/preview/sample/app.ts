import { journal } from "./journal";

App({
  globalData: { own: 1 },
  onLaunch(options: { path: string }) {
    journal.push(`app launch ${options.path}`);
  },
  onShow() {
    journal.push("app show");
  },
  onHide() {
    journal.push("app hide");
  },
});

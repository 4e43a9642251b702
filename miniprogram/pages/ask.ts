/** Ask before something that cannot be taken back easily. */
import { settings } from "../stores/index";
import { say, type Key, type Values } from "../words/index";

/** Whether the person said yes. */
export function ask(title: Key, content: Key, values: Values = {}): Promise<boolean> {
  const { language } = settings.state;
  return new Promise((answer) => {
    wx.showModal({
      title: say(title, language, values),
      content: say(content, language, values),
      confirmText: say("every.confirm", language),
      cancelText: say("every.cancel", language),
      confirmColor: "#0b6b54",
      success: ({ confirm }) => answer(confirm),
      fail: () => answer(false),
    });
  });
}

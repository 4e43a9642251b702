// <button open-type="…">: what WeChat does itself when it is tapped.
import { phoneNumberDetail } from './wechat.mjs';

const KNOWN = {
  async getPhoneNumber(phone, button) {
    button.triggerEvent('getphonenumber', await phoneNumberDetail(phone));
  },
  agreePrivacyAuthorization(phone, button) {
    phone.agreedBy = button.id;
    phone.steer({ privacy: 'agreed' });
    button.triggerEvent('agreeprivacyauthorization', { errMsg: 'agreePrivacyAuthorization:ok' });
  },
  // leave the mini-program: nothing to show in a browser
  feedback: (phone) => phone.note('openType feedback'),
  contact: (phone) => phone.note('openType contact'),
  /** What the page would send to a chat is noted; nobody is there to get it. */
  share(phone, button) {
    const page = phone.stack.at(-1)?.instance;
    phone.note('openType share', page?.onShareAppMessage?.({ from: 'button', target: button }));
  },
  openSetting: (phone) => phone.note('openType openSetting'),
};

export async function actOnOpenType(phone, type, button) {
  const act = Object.hasOwn(KNOWN, type) ? KNOWN[type] : undefined;
  if (act) await act(phone, button);
  else phone.complain(`<button open-type="${type}"> is not in the preview`);
}

// `wx`: the members the preview has, and a complaint for any other.
import { agreeing, asynchronous, fail, succeed } from './answers.mjs';
import { deviceMembers } from './device.mjs';
import { dialogMembers } from './dialogs.mjs';
import { hceMembers } from './hce.mjs';
import { networkMembers } from './network.mjs';
import { paymentMembers } from './payment.mjs';
import { queryMembers } from './queries.mjs';
import { storageMembers } from './storage.mjs';
import { wechatMembers } from './wechat.mjs';

function routeMembers(phone, stack) {
  const route = (name, act) =>
    asynchronous((options) => {
      phone.note(name, options);
      try {
        act(options);
        succeed(name, options);
      } catch (error) {
        phone.complain(error.message);
        fail(name, options, error.message);
      }
    });
  const opening = (name) => [name, route(name, ({ url }) => stack.open(url, name))];
  return {
    ...Object.fromEntries(['navigateTo', 'redirectTo', 'reLaunch', 'switchTab'].map(opening)),
    navigateBack: route('navigateBack', ({ delta }) => stack.back(delta)),
  };
}

function barMembers(phone, stack) {
  const scroll = ({ scrollTop = 0, selector }) => {
    const page = document.querySelector('page:not([inactive])');
    const target = selector && page.querySelector(selector);
    page.scrollTop = target ? target.offsetTop : scrollTop;
    return {};
  };
  return {
    setNavigationBarTitle: agreeing(phone, 'setNavigationBarTitle', ({ title }) => {
      stack.title(title);
      return {};
    }),
    setNavigationBarColor: agreeing(phone, 'setNavigationBarColor', (options) => {
      stack.bars.colour(options.frontColor, options.backgroundColor);
      return {};
    }),
    pageScrollTo: agreeing(phone, 'pageScrollTo', scroll),
    startPullDownRefresh: agreeing(phone, 'startPullDownRefresh', () => {
      stack.pullDown();
      return {};
    }),
    stopPullDownRefresh: agreeing(phone, 'stopPullDownRefresh'),
    showNavigationBarLoading: agreeing(phone, 'showNavigationBarLoading'),
    hideNavigationBarLoading: agreeing(phone, 'hideNavigationBarLoading'),
    hideHomeButton: agreeing(phone, 'hideHomeButton'),
    showShareMenu: agreeing(phone, 'showShareMenu'),
    hideShareMenu: agreeing(phone, 'hideShareMenu'),
    hideKeyboard: agreeing(phone, 'hideKeyboard'),
  };
}

function lifeMembers(phone) {
  const quiet = { onCheckForUpdate() {}, onUpdateReady() {}, onUpdateFailed() {}, applyUpdate() {} };
  const members = {
    nextTick: (act) => void Promise.resolve().then(act),
    getLaunchOptionsSync: () => phone.launch,
    getEnterOptionsSync: () => phone.launch,
    getUpdateManager: () => quiet,
    getLogManager: () => console,
    getRealtimeLogManager: () => console,
    reportEvent: () => undefined,
    env: { USER_DATA_PATH: 'wxfile://usr' },
  };
  for (const event of ['AppShow', 'AppHide', 'Error', 'UnhandledRejection', 'PageNotFound']) {
    const name = event[0].toLowerCase() + event.slice(1);
    members[`on${event}`] = (listener) => phone.listen(name, listener);
    members[`off${event}`] = (listener) => phone.unlisten(name, listener);
  }
  return members;
}

/**
 * Returns `wx`. `known` are the names in the typings: a member that is missing there does not exist
 * on a phone, one that is missing only here is for the preview to learn. Both are complaints.
 */
export function makeWx(phone, stack, known) {
  const members = {
    ...routeMembers(phone, stack),
    ...barMembers(phone, stack),
    ...lifeMembers(phone),
    ...networkMembers(phone),
    ...storageMembers(phone),
    ...deviceMembers(phone),
    ...wechatMembers(phone),
    ...paymentMembers(phone),
    ...hceMembers(phone),
    ...dialogMembers(phone),
    ...queryMembers(phone),
  };
  const names = new Set([...known, 'canIUse']);
  members.canIUse = (text) => text.split('.')[0] in members;
  const invented = Object.keys(members).filter((name) => !names.has(name));
  if (invented.length) phone.complain(`not on a phone: wx.${invented.join(', wx.')}`);
  phone.members = Object.keys(members);
  return new Proxy(members, {
    get(target, name) {
      if (Object.hasOwn(target, name) || typeof name === 'symbol') return target[name];
      const where = names.has(name) ? 'the preview does not know it' : 'there is no such member';
      phone.complain(`wx.${name}: ${where}`);
      return undefined;
    },
    set(_, name) {
      throw new TypeError(`wx.${String(name)} is read-only`);
    },
  });
}

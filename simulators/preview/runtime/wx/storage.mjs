// wx.setStorage and its family over localStorage, with WeChat's limits. What is "encrypted" is only
// marked here: on a phone it is AES, in the preview a wrong `encrypt` is found.
import { asynchronous, fail, succeed } from './answers.mjs';

const KEY_KB_MAX = 1024;
const ENCRYPTED_KB_MAX = 700;

/** What one phone keeps: reading and writing as WeChat would, without its manners. */
function keptOn(phone) {
  const prefix = `xiaoma ${phone.state.openid} `;
  const kilobytes = (text) => Math.ceil(text.length / 1024);
  const keys = () =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const used = () =>
    keys().reduce((sum, key) => sum + localStorage.getItem(prefix + key).length, 0) / 1024;

  /** Writes, or returns why not. */
  function write(key, data, isEncrypted) {
    const text = JSON.stringify({ data, isEncrypted });
    if (kilobytes(text) > (isEncrypted ? ENCRYPTED_KB_MAX : KEY_KB_MAX)) {
      return 'exceed storage item max size';
    }
    const before = localStorage.getItem(prefix + key)?.length ?? 0;
    if (used() + (text.length - before) / 1024 > phone.state.storageLimitKB) {
      return 'exceed storage max size';
    }
    localStorage.setItem(prefix + key, text);
    return '';
  }

  /** Reads { data } or { why }. */
  function read(key, isEncrypted) {
    const text = localStorage.getItem(prefix + key);
    if (text === null) return { why: 'data not found' };
    const kept = JSON.parse(text);
    if (kept.isEncrypted !== isEncrypted) {
      phone.complain(`storage key ${key}: written with encrypt ${kept.isEncrypted}, read without`);
      return { why: 'decrypt failed' };
    }
    return { data: kept.data };
  }

  const info = () => ({
    keys: keys(),
    currentSize: Math.ceil(used()),
    limitSize: phone.state.storageLimitKB,
  });
  const remove = (key) => localStorage.removeItem(prefix + key);
  const clear = () => keys().forEach(remove);
  return { write, read, remove, clear, info };
}

function requireDone(name, why) {
  if (why) throw new Error(`${name}:fail ${why}`);
}

export function storageMembers(phone) {
  const { write, read, remove, clear, info } = keptOn(phone);
  return {
    setStorageSync(key, data) {
      phone.note('setStorageSync', { key });
      requireDone('setStorageSync', write(key, data, false));
    },
    getStorageSync: (key) => read(key, false).data ?? '',
    removeStorageSync: remove,
    clearStorageSync: clear,
    getStorageInfoSync: info,
    setStorage: asynchronous((options) => {
      phone.note('setStorage', { key: options.key, encrypt: options.encrypt });
      const why = write(options.key, options.data, Boolean(options.encrypt));
      if (why) fail('setStorage', options, why);
      else succeed('setStorage', options);
    }),
    getStorage: asynchronous((options) => {
      const { data, why } = read(options.key, Boolean(options.encrypt));
      if (why) fail('getStorage', options, why);
      else succeed('getStorage', options, { data });
    }),
    removeStorage: asynchronous((options) => {
      remove(options.key);
      succeed('removeStorage', options);
    }),
    clearStorage: asynchronous((options) => {
      clear();
      succeed('clearStorage', options);
    }),
    getStorageInfo: asynchronous((options) => succeed('getStorageInfo', options, info())),
  };
}

// Globals of WXS, the language inside WXML.

export function setWxsGlobals() {
  window.getRegExp = (pattern, flags) => new RegExp(pattern, flags);
  window.getDate = (...words) => new window.__PhoneDate(...words);
  // `x.constructor` is a string in WXS; the build renames it to this
  Object.defineProperty(Object.prototype, '$wxsConstructor', {
    get() {
      return Object.prototype.toString.call(this).slice(8, -1);
    },
    set(value) {
      Object.defineProperty(this, '$wxsConstructor', { value });
    },
    configurable: true,
  });
}

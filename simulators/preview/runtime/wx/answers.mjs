// How a member of `wx` answers: by callbacks, or by a promise when none was given.

/** Success: `success` and `complete` are called in a later turn, as on a phone. */
export function succeed(name, options = {}, result = {}) {
  const answer = { errMsg: `${name}:ok`, ...result };
  queueMicrotask(() => {
    options.success?.(answer);
    options.complete?.(answer);
  });
}

/** Failure with WeChat's sentence after `name:fail`. */
export function fail(name, options = {}, why = '', more = {}) {
  const answer = { errMsg: `${name}:fail ${why}`.trim(), ...more };
  queueMicrotask(() => {
    options.fail?.(answer);
    options.complete?.(answer);
  });
}

/** Makes a member that returns a promise when it was given no callback. */
export function asynchronous(act) {
  return (options = {}) => {
    const { success, fail: failed, complete } = options;
    if (success || failed || complete) {
      act(options);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      act({ ...options, success: resolve, fail: reject });
    });
  };
}

/** A member that only says yes; `result(options)` is what it says. */
export function agreeing(phone, name, result = () => ({})) {
  return asynchronous((options) => {
    phone.note(name, options);
    succeed(name, options, result(options));
  });
}

// Card emulation: `await __preview.apdu('00A40400…')` is a reader that sends one command to the phone
// and waits for its answer, both in hexadecimal.
import { asynchronous, fail, succeed } from './answers.mjs';

const ANSWER_MS_MAX = 1000; // a reader gives up about then

const NOT_READY = {
  absent: { errCode: 13_000, why: 'not support nfc' },
  off: { errCode: 13_001, why: 'nfc not open' },
};

function toBytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)).buffer;
}

function toHex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function hceMembers(phone) {
  let waiting;
  let isStarted = false;

  /** Why card emulation cannot work on this phone now, or undefined. */
  function trouble() {
    if (phone.state.platform === 'ios') return NOT_READY.absent;
    return NOT_READY[phone.state.nfc];
  }

  function guarded(name, act) {
    return asynchronous((options) => {
      phone.note(name, name === 'sendHCEMessage' ? undefined : options);
      const found = trouble();
      if (found) fail(name, options, found.why, { errCode: found.errCode });
      else act(options);
    });
  }

  phone.apdu = (hex) =>
    new Promise((resolve, reject) => {
      if (!isStarted) throw new Error('the phone does not emulate a card now');
      waiting = resolve;
      setTimeout(() => reject(new Error(`no answer to ${hex}`)), ANSWER_MS_MAX);
      phone.emit('hceMessage', { messageType: 1, data: toBytes(hex), reason: 0 });
    });
  /** The phone leaves the reader's field. */
  phone.leaveField = () => phone.emit('hceMessage', { messageType: 2, reason: 0 });

  return {
    getHCEState: guarded('getHCEState', (options) => succeed('getHCEState', options)),
    startHCE: guarded('startHCE', (options) => {
      isStarted = true;
      succeed('startHCE', options);
    }),
    stopHCE: guarded('stopHCE', (options) => {
      isStarted = false;
      succeed('stopHCE', options);
    }),
    sendHCEMessage: guarded('sendHCEMessage', (options) => {
      if (!(options.data instanceof ArrayBuffer)) {
        phone.complain('wx.sendHCEMessage: data must be an ArrayBuffer');
      }
      waiting?.(toHex(options.data));
      waiting = undefined;
      succeed('sendHCEMessage', options);
    }),
    onHCEMessage: (listener) => phone.listen('hceMessage', listener),
    offHCEMessage: (listener) => phone.unlisten('hceMessage', listener),
  };
}

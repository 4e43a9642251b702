// WeChat's own: who is logged in, the phone number, privacy consent, messages. Codes come from the
// WeChat simulator, so that the server can exchange them as it does with the real one.
import { agreeing, asynchronous, fail, succeed } from './answers.mjs';

const NOT_AUTHORIZED = { errno: 104 };
const NO_SIMULATOR = 'preview-without-a-wechat-simulator';

/** Asks the simulator for a code. Without a simulator the code is one nobody can exchange. */
async function codeFrom(phone, path, body) {
  const { simulator, network } = phone.state;
  if (network === 'none') throw new Error('net::ERR_INTERNET_DISCONNECTED');
  if (!simulator) return NO_SIMULATOR;
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' };
  const response = await fetch(`${simulator}${path}`, sent);
  if (!response.ok) throw new Error(`simulator: ${response.status}`);
  return (await response.json()).code;
}

/** Consent counts only when it names the button that was tapped for it. */
function requireButton(phone, id) {
  if (phone.agreedBy !== id) {
    phone.complain(`privacy: agreed by button "${id}", tapped was "${phone.agreedBy}"`);
  }
}

/**
 * Whether a private interface may be used. Asks the mini-program's listener, as WeChat does, while
 * the person has not answered yet.
 */
export async function isAllowed(phone) {
  if (phone.state.privacy === 'agreed') return true;
  if (phone.state.privacy === 'denied') return false;
  const event = await new Promise((resolve) => {
    const answered = ({ event: said, buttonId }) => {
      if (said === 'exposureAuthorization') return;
      if (said === 'agree') requireButton(phone, buttonId);
      resolve(said);
    };
    const heard = phone.emit('needPrivacyAuthorization', answered, { referrer: 'preview' });
    if (!heard) resolve('disagree'); // nobody listens: a phone would show its own dialog
  });
  if (event === 'agree') phone.steer({ privacy: 'agreed' }); // after a no WeChat asks again
  return event === 'agree';
}

/** What `<button open-type="getPhoneNumber">` tells its page. */
export async function phoneNumberDetail(phone) {
  const refuse = (why, more = {}) => ({ errMsg: `getPhoneNumber:fail ${why}`, ...more });
  if (!(await isAllowed(phone))) {
    return refuse('privacy permission is not authorized', NOT_AUTHORIZED);
  }
  if (!phone.state.phoneNumber) return refuse('user deny');
  try {
    const body = { phone: phone.state.phoneNumber };
    const code = await codeFrom(phone, '/simulator/phone-codes', body);
    return { errMsg: 'getPhoneNumber:ok', code };
  } catch (error) {
    return refuse(error.message);
  }
}

export function wechatMembers(phone) {
  return {
    login: asynchronous(async (options) => {
      phone.note('login', options);
      try {
        const body = { openid: phone.state.openid };
        const code = await codeFrom(phone, '/simulator/login-codes', body);
        succeed('login', options, { code });
      } catch (error) {
        fail('login', options, error.message);
      }
    }),
    checkSession: agreeing(phone, 'checkSession'),
    getPrivacySetting: agreeing(phone, 'getPrivacySetting', () => ({
      needAuthorization: phone.state.privacy !== 'agreed',
      privacyContractName: '《小程序隐私保护指引》',
    })),
    onNeedPrivacyAuthorization: (listener) => phone.listen('needPrivacyAuthorization', listener),
    requirePrivacyAuthorize: asynchronous(async (options) => {
      const name = 'requirePrivacyAuthorize';
      phone.note(name, options);
      if (await isAllowed(phone)) succeed(name, options);
      else fail(name, options, 'privacy permission is not authorized', NOT_AUTHORIZED);
    }),
    openPrivacyContract: agreeing(phone, 'openPrivacyContract'),
    requestSubscribeMessage: agreeing(phone, 'requestSubscribeMessage', (options) =>
      Object.fromEntries(options.tmplIds.map((id) => [id, phone.state.subscribe])),
    ),
  };
}

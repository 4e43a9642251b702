// WeChat's own: who is logged in, the phone number, privacy consent, messages. Codes come from the
// WeChat simulator, so that the server can exchange them as it does with the real one.
import { agreeing, asynchronous, fail, succeed } from './answers.mjs';

const NOT_AUTHORIZED = { errno: 104 };
const NO_SIMULATOR = 'preview-without-a-wechat-simulator';

/** Asks the simulator, where there is one; `otherwise` is the answer where there is none. */
async function ask(phone, path, body, otherwise) {
  const { simulator, network } = phone.state;
  if (network === 'none') throw new Error('net::ERR_INTERNET_DISCONNECTED');
  if (!simulator) return otherwise;
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' };
  const response = await fetch(`${simulator}${path}`, sent);
  if (!response.ok) throw new Error(`simulator: ${response.status}`);
  return response.json();
}

/** A code to exchange. Without a simulator it is one nobody can exchange. */
async function codeFrom(phone, path, body) {
  return (await ask(phone, path, body, { code: NO_SIMULATOR })).code;
}

/** What the person answers to each template; WeChat remembers it, and so does the simulator. */
async function subscribed(phone, templates) {
  const { openid, subscribe } = phone.state;
  const is_accepted = subscribe === 'accept';
  for (const template_id of templates) {
    await ask(phone, '/simulator/acceptances', { openid, template_id, is_accepted }, {});
  }
  return Object.fromEntries(templates.map((template) => [template, subscribe]));
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
    requestSubscribeMessage: asynchronous(async (options) => {
      const name = 'requestSubscribeMessage';
      phone.note(name, options);
      try {
        succeed(name, options, await subscribed(phone, options.tmplIds));
      } catch (error) {
        fail(name, options, error.message, { errCode: 10002 }); // network, as WeChat's page says
      }
    }),
  };
}

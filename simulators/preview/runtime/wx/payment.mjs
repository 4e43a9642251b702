// wx.requestPayment: WeChat's payment sheet, paid at the WeChat Pay simulator, which checks the
// signature as WeChat does. `phone.state.payment` answers in a person's place.
import { asynchronous, fail, succeed } from './answers.mjs';
import { layer, make } from './dialogs.mjs';

const NAME = 'requestPayment';
const WORDS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'];
const FEN = 100;

/** What a phone refuses before it asks anybody: a parameter that is not there or no text. */
function wrongParameter(options) {
  const missing = WORDS.find((word) => typeof options[word] !== 'string' || !options[word]);
  if (missing) return `parameter error: parameter.${missing} should be String`;
  if (!/^\d{10}$/.test(options.timeStamp)) return 'parameter error: timeStamp';
  if (!/^prepay_id=./.test(options.package)) return 'parameter error: package';
  return '';
}

/** Ask WeChat Pay; its own sentence when it says no. */
async function ask(phone, path, body) {
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' };
  const response = await fetch(`${phone.state.pay}/simulator/${path}`, sent);
  const told = await response.json();
  if (!response.ok) throw new Error(String(told.error).replace(/^requestPayment:fail /, ''));
  return told;
}

/** The sheet in front of the page; resolves to 'pay' or 'cancel'. */
function shown({ amount_fen: fen, description, mchid }) {
  return new Promise((resolve) => {
    const button = (text, className, answer) =>
      make('button', { textContent: text, className, onclick: () => finish(answer) });
    const amount = `¥${Math.floor(fen / FEN)}.${String(fen % FEN).padStart(2, '0')}`;
    const line = (text, className) => make('p', { textContent: text, className });
    const box = make(
      'div',
      { role: 'dialog' },
      button('×', 'wx-pay-close', 'cancel'),
      line('微信支付（模拟） · WeChat Pay (simulated)', 'wx-pay-head'),
      line(description, 'wx-pay-what'),
      line(amount, 'wx-pay-amount'),
      line(`收款方 · payee ${mchid}`, 'wx-pay-payee'),
      button('立即支付 · Pay', 'wx-pay-now', 'pay'),
    );
    box.setAttribute('aria-label', '微信支付 · WeChat Pay');
    box.querySelector('.wx-pay-close').setAttribute('aria-label', '取消支付 · Cancel');
    const shownLayer = layer('wx-dim wx-pay', box);
    function finish(answer) {
      shownLayer.remove();
      resolve(answer);
    }
  });
}

async function pay(phone, options) {
  const wrong = wrongParameter(options);
  if (wrong) throw new Error(wrong);
  const { network, payment, openid } = phone.state;
  if (network === 'none') throw new Error('网络异常');
  if (!phone.state.pay) throw new Error('there is no WeChat Pay simulator');
  const sheet = Object.fromEntries(WORDS.map((word) => [word, options[word]]));
  const told = await ask(phone, 'sheets', { sheet }); // a wrong signature is refused here
  if (payment === 'fail') throw new Error('系统繁忙');
  if (payment === 'claim') return; // a phone that lies
  const answer = payment === 'ask' ? await shown(told) : payment;
  await ask(phone, 'payments', { sheet, openid, outcome: answer });
  if (answer === 'cancel') throw new Error('cancel');
}

export function paymentMembers(phone) {
  return {
    requestPayment: asynchronous(async (options) => {
      phone.note(NAME, options);
      try {
        await pay(phone, options);
        succeed(NAME, options);
      } catch (error) {
        fail(NAME, options, error.message);
      }
    }),
    getUserCryptoManager: () => ({
      getRandomValues: ({ length, success, complete }) => {
        const bytes = crypto.getRandomValues(new Uint8Array(length));
        const answer = { errMsg: 'getRandomValues:ok', randomValues: bytes.buffer };
        queueMicrotask(() => {
          success?.(answer);
          complete?.(answer);
        });
      },
    }),
  };
}

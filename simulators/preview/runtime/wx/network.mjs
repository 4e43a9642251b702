// wx.request over the browser's fetch, and what the phone says about its network.
import { asynchronous, fail, succeed } from './answers.mjs';

const TIMEOUT_MS = 60_000; // WeChat's default

/** As wx.request sends `data`: in the address of a GET, as JSON in a body. */
function encode(options, method) {
  const { data } = options;
  if (data === undefined || data === null) return { url: options.url };
  if (method === 'GET' || method === 'HEAD') {
    if (typeof data === 'string') return { url: options.url };
    const joint = options.url.includes('?') ? '&' : '?';
    return { url: `${options.url}${joint}${new URLSearchParams(data)}` };
  }
  const isPlain = typeof data === 'string' || data instanceof ArrayBuffer;
  return { url: options.url, body: isPlain ? data : JSON.stringify(data) };
}

async function read(response, options) {
  const data =
    options.responseType === 'arraybuffer' ? await response.arrayBuffer() : await response.text();
  const header = Object.fromEntries(response.headers);
  const result = { statusCode: response.status, data, header, cookies: [] };
  const isJson = options.dataType === undefined || options.dataType === 'json';
  if (isJson && typeof data === 'string') {
    try {
      result.data = JSON.parse(data);
    } catch {
      // WeChat hands the text over when it is no JSON
    }
  }
  return result;
}

function request(phone, options) {
  phone.note('request', options);
  const control = new AbortController();
  const { network, slowSeconds } = phone.state;
  const method = (options.method || 'GET').toUpperCase();
  const { url, body } = encode(options, method);
  if (network === 'none') {
    fail('request', options, 'net::ERR_INTERNET_DISCONNECTED', { errno: 600_001 });
    return { abort() {} };
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    control.abort();
  }, options.timeout || TIMEOUT_MS);
  const delay = network === 'slow' ? slowSeconds * 1000 : 0;
  const header = { 'content-type': 'application/json', ...options.header };
  const send = async () => {
    try {
      if (delay) await new Promise((resolve) => setTimeout(resolve, delay));
      const sent = { method, headers: header, body, signal: control.signal, credentials: 'omit' };
      const response = await fetch(url, sent);
      succeed('request', options, await read(response, options));
    } catch (error) {
      if (isLate) fail('request', options, 'timeout', { errno: 5 });
      else fail('request', options, error.name === 'AbortError' ? 'abort' : error.message);
    } finally {
      clearTimeout(timer);
    }
  };
  void send();
  return { abort: () => control.abort(), onHeadersReceived() {}, offHeadersReceived() {} };
}

export function networkMembers(phone) {
  return {
    request: (options) => request(phone, options),
    getNetworkType: asynchronous((options) => {
      const { networkType } = phone.networkNow();
      succeed('getNetworkType', options, { networkType });
    }),
    onNetworkStatusChange: (listener) => phone.listen('networkStatusChange', listener),
    offNetworkStatusChange: (listener) => phone.unlisten('networkStatusChange', listener),
  };
}

// The page around the phone: who holds it, what it is like, what happens to it.
import { totp } from './totp.mjs';
import { say } from './words.mjs';

const SKEW_SECONDS = 600;
const LARGE_TYPE = 23; // of WeChat's own sizes, the one from which we call it large
const BIND_PAGE = 'pages/bind/index?role=';
const PAPERS = {
  student: ['binding_code', 'phone'],
  guardian: ['name', 'guardian_code', 'phone'],
  staff: ['login', 'password', 'totp_secret', 'number'],
};
const PAPER_WORDS = { totp_secret: 'totp', phone: 'phone_number' };

const chosen = {
  persona: 0,
  language: navigator.language.startsWith('zh') ? 'zh_CN' : 'en',
  network: 'wifi',
  clock: 0,
  type: 16,
};
const find = (id) => document.getElementById(id);
const screen = find('screen');
let personas = [];
let simulators = { simulator: '', pay: '' };
let lastField = null;

const phone = () => screen.contentWindow?.__preview;
const persona = () => personas[chosen.persona];

/** What the phone is told before it starts. */
function phoneSettings() {
  const { language, network, clock, type } = chosen;
  const openid = persona()?.openid ?? persona()?.persona ?? 'nobody';
  const phoneNumber = persona()?.phone ?? '';
  const described = { language, network, skewSeconds: clock, fontSize: type };
  return { ...described, openid, phoneNumber, ...simulators };
}

/** A student opens the card; others come by the link their school gave them, the first time. */
function firstPage() {
  const who = persona()?.persona;
  const settings = phoneSettings();
  const hasData = Object.keys(localStorage).some((key) => key.startsWith(`xiaoma ${settings.openid} `));
  return !who || who === 'student' || hasData ? '' : `#${BIND_PAGE}${who}`;
}

function open() {
  const words = encodeURIComponent(JSON.stringify(phoneSettings()));
  lastField = null;
  find('record').setAttribute('aria-pressed', 'false');
  find('away').setAttribute('aria-pressed', 'false');
  // a new document even when only what follows # is another
  screen.contentWindow?.location.replace('about:blank');
  setTimeout(() => screen.contentWindow.location.replace(`phone.html?phone=${words}${firstPage()}`));
}

// ------------------------------------------------------------------------------ what is shown

function option(value, word) {
  return Object.assign(document.createElement('option'), { value, textContent: word });
}

function drawSelect(id, options, value) {
  const select = find(id);
  select.replaceChildren(...options.map(([key, word]) => option(key, word)));
  select.value = String(value);
}

function draw() {
  const { language } = chosen;
  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = say(element.dataset.word, language);
  }
  document.title = say('title', language);
  screen.title = say('phone', language);
  const word = (key) => say(key, language);
  drawSelect('language', [['zh_CN', '中文'], ['en', 'English']], language);
  const networks = ['wifi', 'slow', 'none'].map((key) => [key, word(key)]);
  drawSelect('network', networks, chosen.network);
  const clocks = [[0, 'right'], [SKEW_SECONDS, 'ahead'], [-SKEW_SECONDS, 'behind']];
  drawSelect('clock', clocks.map(([key, name]) => [key, word(name)]), chosen.clock);
  const types = [[16, word('ordinary')], [LARGE_TYPE, word('large')]];
  drawSelect('type', types, chosen.type);
  drawPersonas();
  drawPapers();
  drawHealth();
}

function drawPersonas() {
  const group = find('personas').querySelector('.choice');
  if (!personas.length) {
    group.textContent = say('noPersonas', chosen.language);
    return;
  }
  const buttons = personas.map((one, index) => {
    const button = document.createElement('button');
    const role = say(one.persona, chosen.language);
    const strong = Object.assign(document.createElement('strong'), { textContent: role });
    button.append(strong, Object.assign(document.createElement('span'), { textContent: one.name }));
    button.type = 'button';
    button.setAttribute('role', 'radio');
    button.setAttribute('aria-checked', String(index === chosen.persona));
    button.onclick = () => {
      chosen.persona = index;
      draw();
      open();
    };
    return button;
  });
  group.replaceChildren(...buttons);
}

/** What this person has on paper; staff also somebody to look up. */
function papers() {
  const somebody = personas.find((one) => one.persona === 'student')?.number;
  const own = persona() ?? {};
  return own.persona === 'staff' ? { number: somebody, ...own } : own;
}

/** What a school hands a person on paper; one click types it into the phone. */
function drawPapers() {
  const written = papers();
  const rows = (PAPERS[written.persona] ?? []).filter((key) => written[key]).flatMap((key) => {
    const name = document.createElement('dt');
    name.textContent = say(PAPER_WORDS[key] ?? key, chosen.language);
    const value = document.createElement('dd');
    const text = document.createElement('code');
    text.textContent = key === 'totp_secret' ? '' : written[key];
    if (key === 'totp_secret') text.id = 'totp';
    const fill = document.createElement('button');
    fill.type = 'button';
    fill.textContent = say('fill', chosen.language);
    fill.onclick = () => fillIn(text.textContent);
    value.append(text, fill);
    return [name, value];
  });
  find('papers').replaceChildren(...rows);
  void drawTotp();
}

async function drawTotp() {
  const element = find('totp');
  const secret = persona()?.totp_secret;
  if (element && secret) element.textContent = (await totp(secret, Date.now() / 1000)).code;
}

function drawHealth() {
  const errors = phone()?.errors ?? [];
  find('health').textContent = say(errors.length ? 'ill' : 'well', chosen.language);
  find('health').classList.toggle('ill', errors.length > 0);
  find('complaints').replaceChildren(
    ...errors.slice(0, 5).map((error) => {
      const line = error.split('\n')[0];
      return Object.assign(document.createElement('li'), { textContent: line });
    }),
  );
}

// ---------------------------------------------------------------------------- what is done

/** Into the field that was touched last, or the first empty one of the page. */
function fillIn(text) {
  const view = screen.contentWindow;
  const fields = [...view.document.querySelectorAll('page:not([inactive]) :is(input, textarea)')];
  const typed = fields.filter((one) => !['checkbox', 'radio', 'range'].includes(one.type));
  const field = typed.includes(lastField) ? lastField : typed.find((one) => !one.value);
  if (!field) return;
  field.value = text;
  field.dispatchEvent(new view.Event('input', { bubbles: true }));
  lastField = null;
}

function toggle(id, act) {
  find(id).onclick = () => {
    const isOn = find(id).getAttribute('aria-pressed') !== 'true';
    find(id).setAttribute('aria-pressed', String(isOn));
    act(isOn);
  };
}

function listen() {
  const change = (id, act) => {
    find(id).onchange = () => act(find(id).value);
  };
  change('language', (value) => {
    chosen.language = value;
    draw();
    open();
  });
  change('network', (value) => {
    chosen.network = value;
    phone()?.steer({ network: value });
  });
  change('clock', (value) => {
    chosen.clock = Number(value);
    phone()?.steer({ skewSeconds: chosen.clock });
  });
  change('type', (value) => {
    chosen.type = Number(value);
    open();
  });
  find('capture').onclick = () => phone()?.emit('userCaptureScreen');
  find('restart').onclick = open;
  find('clear').onclick = () => {
    const prefix = `xiaoma ${phoneSettings().openid} `;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) localStorage.removeItem(key);
    }
    open();
  };
  toggle('record', (isOn) => phone()?.steer({ isRecording: isOn }));
  toggle('away', (isOn) => (isOn ? phone()?.background() : phone()?.foreground()));
  screen.onload = () => {
    screen.contentDocument?.addEventListener('focusin', (event) => {
      if (event.target.matches('input, textarea')) lastField = event.target;
    });
  };
}

async function read(name, otherwise) {
  const response = await fetch(name);
  return response.ok ? response.json() : otherwise;
}

listen();
personas = await read('personas.json', []);
simulators = await read('settings.json', simulators);
draw();
open();
setInterval(() => {
  void drawTotp();
  drawHealth();
}, 1000);

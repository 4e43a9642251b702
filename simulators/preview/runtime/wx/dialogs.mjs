// Toasts, dialogs and sheets that WeChat draws over the page.
import { asynchronous, fail, succeed } from './answers.mjs';

const TOAST_MS = 1500;

/** A layer over everything; `parts` are [tag, properties] or elements, never markup. */
export function layer(kind, ...children) {
  const element = document.createElement('div');
  element.className = `wx-layer ${kind}`;
  element.append(...children);
  document.body.append(element);
  return element;
}

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function sheet(items, choose) {
  const buttons = items.map((text, index) =>
    make('button', { textContent: text, onclick: () => finish(index) }),
  );
  const cancel = make('button', {
    textContent: '取消 · Cancel',
    className: 'wx-cancel',
    onclick: () => finish(-1),
  });
  const shown = layer('wx-dim wx-sheet', make('div', { role: 'menu' }, ...buttons, cancel));
  function finish(index) {
    shown.remove();
    choose(index);
  }
}

function toastMembers(phone) {
  let shown;
  let timer;
  const hide = () => {
    clearTimeout(timer);
    shown?.remove();
  };
  const show = (text) => {
    hide();
    const box = make('div', { className: 'wx-toast', role: 'status', textContent: text });
    shown = layer('wx-toast-layer', box);
  };
  return {
    showToast: asynchronous((options) => {
      phone.note('showToast', options);
      show(options.title);
      timer = setTimeout(hide, options.duration || TOAST_MS);
      succeed('showToast', options);
    }),
    showLoading: asynchronous((options) => {
      phone.note('showLoading', options);
      show(`${options.title}…`);
      succeed('showLoading', options);
    }),
    hideToast: asynchronous((options) => {
      hide();
      succeed('hideToast', options);
    }),
    hideLoading: asynchronous((options) => {
      hide();
      succeed('hideLoading', options);
    }),
  };
}

export function dialogMembers(phone) {
  return {
    ...toastMembers(phone),
    showModal: asynchronous((options) => {
      phone.note('showModal', options);
      const button = (text, confirm) =>
        make('button', { textContent: text, onclick: () => finish(confirm) });
      const buttons = [button(options.confirmText || '确定', true)];
      if (options.showCancel !== false) buttons.unshift(button(options.cancelText || '取消', false));
      const field = options.editable
        ? make('input', { value: options.content ?? '', placeholder: options.placeholderText ?? '' })
        : make('p', { textContent: options.content ?? '' });
      const title = make('h3', { textContent: options.title ?? '' });
      const box = make('div', { className: 'wx-modal', role: 'dialog' }, title, field);
      box.setAttribute('aria-label', options.title || options.content || '');
      box.append(make('div', {}, ...buttons));
      const shown = layer('wx-dim', box);
      function finish(confirm) {
        shown.remove();
        const typed = options.editable && confirm ? { content: field.value } : {};
        succeed('showModal', options, { confirm, cancel: !confirm, ...typed });
      }
    }),
    showActionSheet: asynchronous((options) => {
      phone.note('showActionSheet', options);
      sheet(options.itemList, (tapIndex) => {
        if (tapIndex < 0) fail('showActionSheet', options, 'cancel');
        else succeed('showActionSheet', options, { tapIndex });
      });
    }),
  };
}

// Components that take something from a person: input, textarea, switch, checkbox, radio, slider,
// and the form that gathers them.
import { dom, setAttribute } from './dom.mjs';

const INPUT_MODES = { number: 'numeric', digit: 'decimal' };

const text = (value) => (value === null || value === undefined ? '' : String(value));

function typed(tag) {
  return {
    attached() {
      const element = (this.field = dom(this).querySelector(tag));
      const told = () => ({ value: element.value, cursor: element.selectionStart ?? 0 });
      element.addEventListener('input', () => {
        this.setData({ value: element.value });
        this.triggerEvent('input', told());
      });
      for (const name of ['focus', 'blur']) {
        element.addEventListener(name, () => this.triggerEvent(name, told()));
      }
      element.addEventListener('change', (event) => {
        event.stopPropagation();
        this.triggerEvent('change', told());
      });
      element.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && tag === 'input') this.triggerEvent('confirm', told());
      });
    },
    update() {
      const { field: element, data } = this;
      if (!element) return;
      if (element.value !== text(data.value)) element.value = text(data.value);
      element.placeholder = data.placeholder || '';
      element.disabled = data.disabled;
      if (data.maxlength >= 0) element.maxLength = data.maxlength;
      else element.removeAttribute('maxlength');
      const isHidden = data.password || data.type === 'safe-password';
      if (tag === 'input') element.type = isHidden ? 'password' : 'text';
      element.inputMode = INPUT_MODES[data.type] || 'text';
      setAttribute(element, 'aria-label', data.ariaLabel || data.placeholder);
      if (data.focus || data.autoFocus) element.focus();
    },
  };
}

function checked(change) {
  return {
    attached() {
      const element = (this.field = dom(this).querySelector('input'));
      element.addEventListener('change', (event) => {
        event.stopPropagation();
        this.setData({ checked: element.checked });
        change(this, element);
      });
    },
    update() {
      const { field: element, data } = this;
      if (!element) return;
      element.checked = data.checked;
      element.disabled = data.disabled;
      setAttribute(element, 'aria-label', data.ariaLabel);
    },
  };
}

const members = (group, tag) => [...group.querySelectorAll(tag)].map((one) => one.__wxElement);

function checkboxChanged(box) {
  const group = dom(box).closest('wx-checkbox-group');
  if (!group) return;
  const chosen = members(group, 'wx-checkbox').filter((one) => one.data.checked);
  group.__wxElement.triggerEvent('change', { value: chosen.map((one) => one.data.value) });
}

function radioChanged(button) {
  const group = dom(button).closest('wx-radio-group');
  if (!group) return;
  for (const one of members(group, 'wx-radio')) {
    if (one !== button && one.data.checked) one.setData({ checked: false });
  }
  group.__wxElement.triggerEvent('change', { value: button.data.value });
}

const slider = {
  attached() {
    const element = (this.field = dom(this).querySelector('input'));
    for (const [name, told] of [['input', 'changing'], ['change', 'change']]) {
      element.addEventListener(name, (event) => {
        event.stopPropagation();
        this.setData({ value: Number(element.value) });
        this.triggerEvent(told, { value: Number(element.value) });
      });
    }
  },
  update() {
    const { field: element, data } = this;
    if (element) Object.assign(element, { min: data.min, max: data.max, step: data.step || 1 });
    if (element) element.value = data.value;
  },
};

/** What a <button form-type> does to the form around it. */
export function actOnForm(form, action) {
  const named = [...form.querySelectorAll('*')]
    .map((one) => one.__wxElement)
    .filter((one) => one?.data?.name && one.field);
  if (action === 'reset') {
    named.forEach((one) => one.setData({ value: '', checked: false }));
    form.__wxElement.triggerEvent('reset', {});
    return;
  }
  const value = (one) => ('checked' in one.data ? one.data.checked : one.data.value ?? '');
  const values = Object.fromEntries(named.map((one) => [one.data.name, value(one)]));
  form.__wxElement.triggerEvent('submit', { value: values });
}

export const FIELDS = {
  input: typed('input'),
  textarea: typed('textarea'),
  switch: checked((self, element) => self.triggerEvent('change', { value: element.checked })),
  checkbox: checked(checkboxChanged),
  radio: checked(radioChanged),
  slider,
};

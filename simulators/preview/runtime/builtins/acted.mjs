// Components that do something when tapped: button, navigator, picker, label.
import { dom, setAttribute } from './dom.mjs';
import { actOnForm } from './fields.mjs';

const ROUTES = {
  navigate: 'navigateTo',
  redirect: 'redirectTo',
  switchTab: 'switchTab',
  reLaunch: 'reLaunch',
  navigateBack: 'navigateBack',
};

const button = {
  attached() {
    const element = dom(this);
    element.tabIndex = 0;
    if (!this.data.ariaRole) element.setAttribute('role', 'button');
    this.addListener('tap', () => {
      const { disabled, formType, openType } = this.data;
      if (disabled) return;
      const form = formType && element.closest('wx-form');
      if (form) actOnForm(form, formType);
      if (openType) this.preview.openType(openType, this);
    });
  },
  update() {
    const { type, size, disabled, loading, plain } = this.data;
    for (const [name, value] of Object.entries({ type, size, loading, plain })) {
      setAttribute(dom(this), name, value);
    }
    setAttribute(dom(this), 'aria-disabled', disabled ? 'true' : '');
  },
};

const navigator = {
  attached() {
    dom(this).setAttribute('role', 'link');
    this.addListener('tap', () => {
      const { url, delta, openType } = this.data;
      this.preview.wx[ROUTES[openType]]({ url, delta });
    });
  },
};

const picker = {
  attached() {
    dom(this).setAttribute('role', 'combobox');
    this.addListener('tap', () => {
      if (!this.data.disabled) this.preview.openPicker(this);
    });
  },
};

const label = {
  attached() {
    this.addListener('tap', (event) => {
      const inside = 'wx-switch input, wx-checkbox input, wx-radio input';
      const field = dom(this).querySelector(inside);
      if (field && event.target !== field.parentNode.__wxElement) field.click();
    });
  },
};

export const ACTED = { button, navigator, picker, label };

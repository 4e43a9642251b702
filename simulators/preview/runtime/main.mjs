// Starts the phone: glass-easel's adapter, the globals of a mini-program, the first page.
import { MiniProgramEnv, glassEasel } from 'glass-easel-miniprogram-adapter';
import { Backend } from './backend.mjs';
import { Bars } from './bars.mjs';
import { registerBuiltins } from './builtins/register.mjs';
import { Phone, phoneDate } from './phone.mjs';
import { PageStack } from './stack.mjs';
import { setWxsGlobals } from './wxs.mjs';
import { makeWx } from './wx/members.mjs';
import { openPicker } from './wx/pickers.mjs';
import { actOnOpenType } from './wx/open_types.mjs';

const chosen = JSON.parse(new URLSearchParams(location.search).get('phone') ?? '{}');
const phone = (window.__preview = new Phone(chosen));

window.addEventListener('error', (event) => phone.complain(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => phone.complain(event.reason));
glassEasel.globalOptions.throwGlobalError = false;
glassEasel.addGlobalErrorListener((error, meta) => {
  phone.complain(error instanceof Error ? error : `${meta?.type ?? ''} ${error}`);
  return false;
});
glassEasel.addGlobalWarningListener((message) => {
  phone.warn(message);
  return false;
});

const FIELD_BEHAVIORS = {
  'form-field': { name: String, value: null },
  'form-field-group': {},
  'form-field-button': {},
  'component-export': {},
};

/** Given to the mini-program's bundle, which calls it when all is defined. */
class Runtime {
  constructor(config, groups) {
    this.config = config;
    this.backend = new Backend();
    const environment = new MiniProgramEnv();
    this.space = environment.createCodeSpace('', true);
    this.associated = environment.associateBackend(this.backend);
    this.#prepareSpace(groups);
    this.bars = new Bars(config.app, {
      back: () => this.wx.navigateBack({}),
      tab: (path) => this.wx.switchTab({ url: `/${path}` }),
    });
    this.stack = new PageStack(phone, config, this.bars, {
      make: (path) => this.associated.createRoot('page', this.space, `/${path}`),
      styles: (path) => this.backend.showStylesOf(path, config.pages),
    });
    this.wx = makeWx(phone, this.stack, config.members);
    registerBuiltins(this.space.getComponentSpace(), groups, {
      wx: this.wx,
      complain: (what) => phone.complain(what),
      openType: (type, button) => actOnOpenType(phone, type, button),
      openPicker: (picker) => openPicker(picker),
    });
    this.#addComponents(groups);
    this.#setGlobals();
  }

  #prepareSpace() {
    const components = this.space.getComponentSpace();
    components.updateComponentOptions({
      writeIdToDOM: true,
      dataDeepCopy: 'simple-recursion',
      propertyPassingDeepCopy: 'simple-recursion',
    });
    this.behaviors = {};
    for (const [name, properties] of Object.entries(FIELD_BEHAVIORS)) {
      const made = this.space.behavior().definition({ properties }).register();
      this.behaviors[`wx://${name}`] = made;
    }
    // glass-easel never fires `ready`: it is for the one who owns the screen to say
    const ready = {
      attached() {
        const component = this._$ ?? this;
        requestAnimationFrame(() => component.triggerLifetime('ready', []));
      },
    };
    this.space.setOverallBehavior(components.defineBehavior({ lifetimes: ready }));
  }

  #addComponents(groups) {
    const { app, components, sheets } = this.config;
    this.space.addStyleSheet('app', 'app');
    this.backend.registerStyleSheetContent('app', sheets.app);
    for (const { path, config, scope } of components) {
      this.space.addComponentStaticConfig(path, config);
      this.space.addCompiledTemplate(path, { groupList: groups, content: groups[path] });
      this.space.addStyleSheet(path, path, scope);
      this.backend.registerStyleSheetContent(path, sheets[path]);
    }
    if (!app.pages.length) throw new Error('app.json has no pages');
  }

  #setGlobals() {
    const runtime = this;
    const query = function () {
      return runtime.wx.createSelectorQuery().in(this);
    };
    // the adapter's own query has no .node()
    this.query = this.space
      .behavior()
      .definition({
        lifetimes: {
          created() {
            const value = query.bind(this);
            Object.defineProperty(this, 'createSelectorQuery', { value, configurable: true });
          },
        },
      })
      .register();
    Object.assign(window, {
      wx: this.wx,
      getApp: () => this.application,
      getCurrentPages: () => phone.stack.map((page) => page.instance),
      App: (definition) => {
        const globalData = { ...definition.globalData, server: phone.state.server };
        this.application = Object.assign(definition, { globalData });
      },
      __PhoneDate: phoneDate(phone),
    });
  }

  #definition(definition) {
    const behaviors = (definition?.behaviors ?? [])
      .map((one) => (typeof one === 'string' ? this.behaviors[one] : one))
      .filter(Boolean);
    return { ...definition, behaviors: [this.query, ...behaviors] };
  }

  app(load) {
    load();
  }

  component(path, load) {
    this.space.componentEnv(path, (made) => {
      const before = [window.Page, window.Component, window.Behavior];
      window.Page = (definition) => made.Page(this.#definition(definition));
      window.Component = (definition) => made.Component(this.#definition(definition));
      window.Behavior = (definition) => made.Behavior(definition);
      try {
        load();
      } catch (error) {
        phone.complain(error);
      } finally {
        [window.Page, window.Component, window.Behavior] = before;
      }
    });
  }

  start() {
    const first = this.config.app.entryPagePath || this.config.pages[0];
    const url = `/${decodeURIComponent(location.hash.slice(1)) || first}`;
    const { pathname, searchParams } = new URL(url, 'http://phone');
    const query = Object.fromEntries(searchParams);
    phone.launch = { path: pathname.slice(1), query, scene: 1001, referrerInfo: {} };
    performance.mark('preview:launch');
    const call = (name) => {
      try {
        this.application?.[name]?.(phone.launch);
        phone.emit(name === 'onHide' ? 'appHide' : 'appShow', phone.launch);
      } catch (error) {
        phone.complain(error);
      }
    };
    call('onLaunch');
    call('onShow');
    try {
      this.stack.open(url, 'appLaunch');
    } catch (error) {
      phone.complain(error);
    }
    phone.background = () => {
      this.stack.hideTop();
      call('onHide');
    };
    phone.foreground = () => {
      call('onShow');
      this.stack.showTop();
    };
    phone.pullDown = () => this.stack.pullDown();
    document.addEventListener('visibilitychange', () => {
      (document.hidden ? phone.background : phone.foreground)();
    });
    phone.isStarted = true;
  }
}

setWxsGlobals();
window.__startPhone = (config, groups) => new Runtime(config, groups);

// The page stack: navigateTo and its family, the life of a page, the bars around it.

const PAGES_MAX = 10;

/** Reads `/pages/card/index?a=b` or a path relative to the page that asks. */
function parse(url, top) {
  const { pathname, searchParams } = new URL(url, `http://phone/${top ?? ''}`);
  return { path: pathname.slice(1), query: Object.fromEntries(searchParams) };
}

export class PageStack {
  /** `make(path)` returns a glass-easel root; `styles(path)` shows the page's style sheet. */
  constructor(phone, config, bars, { make, styles }) {
    Object.assign(this, { phone, config, bars, make, styles });
    this.pages = phone.stack;
    this.kept = new Map(); // tab pages stay alive
    this.tabs = (config.app.tabBar?.list ?? []).map((one) => one.pagePath);
  }

  get top() {
    return this.pages.at(-1);
  }

  open(url, mode) {
    const { path, query } = parse(url, this.top?.path);
    this.#require(path, mode);
    if (mode === 'reLaunch') this.#clear();
    if (mode === 'switchTab' && this.#switch(path)) return;
    if (mode === 'redirectTo') this.#close();
    if (this.top) this.#hide(this.top);
    const root = this.make(path);
    const page = { path, query, root, instance: root.get() };
    page.instance.route = path;
    page.instance.options = query;
    this.pages.push(page);
    if (this.tabs.includes(path)) this.kept.set(path, page);
    this.#attach(page);
    performance.mark('preview:page-load');
    this.#call(page, 'onLoad', query);
    this.#show(page);
    requestAnimationFrame(() => this.#call(page, 'onReady'));
  }

  back(delta = 1) {
    const steps = Math.min(delta, this.pages.length - 1);
    for (let step = 0; step < steps; step += 1) this.#close();
    if (steps > 0) this.#show(this.top);
  }

  /** The mini-program goes to the background, and comes back. */
  hideTop() {
    if (this.top) this.#hide(this.top);
  }

  showTop() {
    if (this.top) this.#show(this.top);
  }

  title(text) {
    if (this.top) this.top.title = text;
    this.bars.title(text);
  }

  /** A person pulls the page down. */
  pullDown() {
    this.#call(this.top, 'onPullDownRefresh');
  }

  reachBottom() {
    this.#call(this.top, 'onReachBottom');
  }

  #require(path, mode) {
    if (!this.config.pages.includes(path)) throw new Error(`${mode}:fail page "${path}" is not found`);
    const isTab = this.tabs.includes(path);
    if (mode === 'navigateTo' && this.pages.length >= PAGES_MAX) {
      throw new Error('navigateTo:fail webview count limit exceed');
    }
    if (isTab && (mode === 'navigateTo' || mode === 'redirectTo')) {
      throw new Error(`${mode}:fail can not ${mode} a tabbar page`);
    }
    if (mode === 'switchTab' && !isTab) {
      throw new Error('switchTab:fail can not switch to no-tabBar page');
    }
  }

  #clear() {
    while (this.pages.length) this.#close();
    for (const page of this.kept.values()) this.#destroy(page);
    this.kept.clear();
  }

  /** Returns whether the tab was alive already. Pages that are no tabs go. */
  #switch(path) {
    while (this.pages.length > 1 || (this.top && !this.tabs.includes(this.top.path))) this.#close();
    if (this.top?.path === path) {
      this.#show(this.top);
      return true;
    }
    if (this.top) this.#hide(this.pages.pop());
    if (!this.kept.has(path)) return false;
    this.pages.push(this.kept.get(path));
    this.#show(this.top);
    return true;
  }

  #attach(page) {
    const stage = this.bars.stage;
    page.root.attach(stage, stage.appendChild(document.createElement('span')));
    page.element = page.root.getComponent().$$;
    page.element.dataset.path = page.path;
    page.element.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = page.element;
      this.#call(page, 'onPageScroll', { scrollTop });
      if (scrollHeight - scrollTop - clientHeight < 50) this.#call(page, 'onReachBottom');
    });
  }

  #show(page) {
    const component = this.config.components.find((one) => one.path === page.path);
    const window = { ...this.config.app.window, ...component?.config };
    page.element.removeAttribute('inactive');
    this.styles(page.path);
    this.bars.draw(window, page.title, { canGoBack: this.pages.length > 1, tab: page.path });
    this.#call(page, 'onShow');
    this.#lifetime(page, 'show');
  }

  #hide(page) {
    page.element.setAttribute('inactive', '');
    this.#call(page, 'onHide');
    this.#lifetime(page, 'hide');
  }

  #close() {
    const page = this.pages.pop();
    this.kept.delete(page.path);
    this.#destroy(page);
  }

  #destroy(page) {
    this.#call(page, 'onUnload');
    page.root.release();
    page.element.remove();
  }

  #call(page, name, ...words) {
    try {
      const answer = page.instance[name]?.(...words);
      answer?.catch?.((error) => this.phone.complain(error));
    } catch (error) {
      this.phone.complain(error);
    }
  }

  #lifetime(page, name) {
    page.root.getComponent().triggerPageLifetime(name, []);
  }
}

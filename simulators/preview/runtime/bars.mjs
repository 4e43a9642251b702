// What WeChat draws around a page: status bar, title with its capsule, tabs.

const TALL_PX = 780; // phones this tall have a notch, and a higher status bar

export class Bars {
  constructor(app, actions) {
    this.app = app;
    this.actions = actions;
    document.body.insertAdjacentHTML(
      'beforeend',
      `<div id="status" aria-hidden="true"></div>
      <header id="navigation"><button type="button" hidden>‹</button><span></span>
      <i class="capsule"></i></header>
      <main id="stage"></main><nav id="tabs" role="tablist" hidden></nav>`,
    );
    this.navigation = document.getElementById('navigation');
    this.stage = document.getElementById('stage');
    this.tabs = document.getElementById('tabs');
    const back = this.navigation.querySelector('button');
    back.setAttribute('aria-label', '返回 back');
    back.onclick = actions.back;
    document.getElementById('status').style.height = `${this.statusHeight}px`;
  }

  get statusHeight() {
    return innerHeight >= TALL_PX ? 44 : 24;
  }

  title(text) {
    this.navigation.querySelector('span').textContent = text;
    document.title = text;
  }

  draw(window, title, { canGoBack, tab }) {
    const isCustom = window.navigationStyle === 'custom';
    this.title(title ?? window.navigationBarTitleText ?? '');
    this.navigation.hidden = isCustom;
    document.getElementById('status').hidden = isCustom;
    this.navigation.querySelector('button').hidden = !canGoBack;
    const colour = window.navigationBarTextStyle === 'white' ? '#fff' : '#000';
    this.colour(colour, window.navigationBarBackgroundColor ?? '#fff');
    document.body.style.backgroundColor = window.backgroundColor ?? '#fff';
    this.#drawTabs(tab);
  }

  colour(front, background) {
    for (const bar of [this.navigation, document.getElementById('status')]) {
      Object.assign(bar.style, { color: front, backgroundColor: background });
    }
  }

  #drawTabs(shown) {
    const list = this.app.tabBar?.list ?? [];
    this.tabs.hidden = !list.some((one) => one.pagePath === shown);
    this.tabs.replaceChildren(
      ...list.map((one) => {
        const button = document.createElement('button');
        button.textContent = one.text;
        button.setAttribute('role', 'tab');
        button.setAttribute('aria-selected', String(one.pagePath === shown));
        button.onclick = () => this.actions.tab(one.pagePath);
        return button;
      }),
    );
  }
}

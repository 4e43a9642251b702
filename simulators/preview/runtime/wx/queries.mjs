// wx.createSelectorQuery with .node(), and the canvas it hands out.

/**
 * What `.node()` returns. A small handle and not the <canvas> itself: components keep it in their
 * data, and a deep copy of a DOM element never ends.
 */
class CanvasHandle {
  #canvas;
  #isPainted = false;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  get width() {
    return this.#canvas.width;
  }

  set width(value) {
    this.#canvas.width = value;
  }

  get height() {
    return this.#canvas.height;
  }

  set height(value) {
    this.#canvas.height = value;
  }

  getContext(type) {
    const context = this.#canvas.getContext(type);
    // whoever asks for the context draws in this very turn, and the turn's frame shows it
    if (!this.#isPainted) queueMicrotask(() => this.#markFirstPaint(context));
    return context;
  }

  /** Leaves a performance mark when the first dark pixel is drawn; this frame shows it. */
  #markFirstPaint(context) {
    const { width, height } = this.#canvas;
    if (this.#isPainted || !width || !height) return;
    const { data } = context.getImageData(0, height >> 1, width, 1);
    this.#isPainted = data.some((value, index) => index % 4 === 0 && value < 64);
    if (this.#isPainted) performance.mark('preview:canvas-painted');
  }

  createImage() {
    return new Image();
  }

  requestAnimationFrame(act) {
    return requestAnimationFrame(act);
  }

  cancelAnimationFrame(id) {
    cancelAnimationFrame(id);
  }

  toDataURL(...words) {
    return this.#canvas.toDataURL(...words);
  }
}

const handles = new WeakMap();

export function canvasHandle(element) {
  const canvas = element.querySelector('canvas');
  if (!canvas) return undefined;
  if (!handles.has(canvas)) handles.set(canvas, new CanvasHandle(canvas));
  return handles.get(canvas);
}

/** What one element is asked for. */
function answer(element, fields) {
  if (!element?.$$) return null; // not there, or gone with its component meanwhile
  const dom = element.$$;
  const { left, top, right, bottom, width, height } = dom.getBoundingClientRect();
  const told = {};
  if (fields.id) told.id = element.id;
  if (fields.dataset) told.dataset = element.dataset;
  if (fields.rect) Object.assign(told, { left, top, right, bottom });
  if (fields.size) Object.assign(told, { width, height });
  if (fields.scrollOffset) {
    const { scrollTop, scrollLeft, scrollHeight, scrollWidth } = dom;
    Object.assign(told, { scrollTop, scrollLeft, scrollHeight, scrollWidth });
  }
  if (fields.node) told.node = canvasHandle(dom);
  for (const name of fields.properties ?? []) told[name] = element.data?.[name];
  for (const name of fields.computedStyle ?? []) told[name] = getComputedStyle(dom)[name];
  return told;
}

function viewport() {
  const page = document.querySelector('page:not([inactive])');
  const { clientWidth: width, clientHeight: height, scrollTop, scrollLeft } = page;
  return { left: 0, top: 0, right: width, bottom: height, width, height, scrollTop, scrollLeft };
}

class SelectorQuery {
  #asked = [];
  #scope;

  constructor(scope) {
    this.#scope = scope;
  }

  in(component) {
    this.#scope = component;
    return this;
  }

  select(selector) {
    return this.#reference((root, fields) => answer(root.querySelector(selector), fields));
  }

  selectAll(selector) {
    return this.#reference((root, fields) =>
      root.querySelectorAll(selector).map((one) => answer(one, fields)),
    );
  }

  selectViewport() {
    return this.#reference(viewport);
  }

  exec(done) {
    requestAnimationFrame(() => {
      const root = (this.#scope?._$ ?? this.#scope)?.getShadowRoot();
      if (!root) return; // the page has gone meanwhile
      const found = this.#asked.map(({ read, fields, each }) => {
        const one = read(root, fields);
        each?.(one);
        return one;
      });
      done?.(found);
    });
    return this;
  }

  #reference(read) {
    const ask = (fields, each) => {
      this.#asked.push({ read, fields, each });
      return this;
    };
    return {
      fields: ask,
      boundingClientRect: (each) => ask({ id: true, dataset: true, rect: true, size: true }, each),
      scrollOffset: (each) => ask({ id: true, dataset: true, scrollOffset: true }, each),
      node: (each) => ask({ node: true }, each),
    };
  }
}

export function queryMembers(phone) {
  return {
    createSelectorQuery: () => new SelectorQuery(phone.stack.at(-1)?.instance),
    createOffscreenCanvas: ({ width = 300, height = 150 } = {}) =>
      Object.assign(new OffscreenCanvas(width, height), { createImage: () => new Image() }),
    createIntersectionObserver: (component, options) =>
      component.createIntersectionObserver(options),
  };
}

// Components that show or hold something: image, scroll-view, swiper, rich-text, progress, canvas.
import { assetUrl, dom, ownerPath, setAttribute } from './dom.mjs';

const OBJECT_FIT = { aspectFit: 'contain', aspectFill: 'cover', center: 'none' };

const image = {
  attached() {
    const element = (this.field = dom(this).querySelector('img'));
    element.alt = '';
    element.onload = () => {
      this.triggerEvent('load', { width: element.naturalWidth, height: element.naturalHeight });
    };
    element.onerror = () => {
      this.preview?.complain(`<image src="${this.data.src}">: not there`);
      this.triggerEvent('error', { errMsg: 'GET failed' });
    };
  },
  update() {
    const { field: element, data } = this;
    if (!element) return;
    const url = assetUrl(data.src, ownerPath(this));
    if (url) setAttribute(element, 'src', url);
    else element.removeAttribute('src');
    element.alt = data.ariaLabel || '';
    element.style.objectFit = OBJECT_FIT[data.mode] || 'fill';
    if (data.mode === 'widthFix') dom(this).style.height = 'auto';
    if (data.mode === 'heightFix') dom(this).style.width = 'auto';
  },
};

const scrollView = {
  attached() {
    const element = dom(this);
    let wasLow = false;
    element.addEventListener('scroll', () => {
      const { scrollTop, scrollLeft, scrollHeight, scrollWidth } = element;
      this.triggerEvent('scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth });
      const left = scrollHeight - scrollTop - element.clientHeight;
      const isLow = left <= parseFloat(this.data.lowerThreshold);
      if (isLow && !wasLow) this.triggerEvent('scrolltolower', { direction: 'bottom' });
      wasLow = isLow;
    });
  },
  update() {
    const element = dom(this);
    const { data } = this;
    setAttribute(element, 'scroll-y', data.scrollY);
    setAttribute(element, 'scroll-x', data.scrollX);
    if (data.scrollTop !== null) element.scrollTop = parseFloat(data.scrollTop);
    if (data.scrollLeft !== null) element.scrollLeft = parseFloat(data.scrollLeft);
    if (!data.scrollIntoView) return;
    const target = `[id$="${CSS.escape(data.scrollIntoView)}"]`;
    requestAnimationFrame(() => element.querySelector(target)?.scrollIntoView({ block: 'start' }));
  },
};

const swiper = {
  attached() {
    const element = dom(this);
    element.addEventListener('scrollend', () => {
      const current = Math.round(element.scrollLeft / element.clientWidth);
      if (current === this.current) return;
      this.current = current;
      this.triggerEvent('change', { current, source: 'touch' });
    });
  },
  update() {
    const element = dom(this);
    requestAnimationFrame(() => {
      this.current = this.data.current;
      element.scrollLeft = this.data.current * element.clientWidth;
    });
  },
};

const richText = {
  update() {
    const { nodes } = this.data;
    const markup = typeof nodes === 'string' ? nodes : '';
    dom(this).innerHTML = markup.replace(/<script[\s\S]*?<\/script>/gi, '');
  },
};

const progress = {
  update() {
    const element = dom(this).querySelector('progress');
    Object.assign(element, { max: 100, value: this.data.percent });
  },
};

export const SHOWN = {
  image,
  'cover-image': image,
  'scroll-view': scrollView,
  swiper,
  'rich-text': richText,
  progress,
};

// Small things every built-in needs.

/** The DOM element of a glass-easel element. */
export const dom = (component) => component.$$;

/** Set an attribute, or take it away when there is nothing to say. */
export function setAttribute(element, name, value) {
  if (value === undefined || value === null || value === '' || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** The page or component in whose WXML an element was written: relative paths start there. */
export function ownerPath(component) {
  let host = component.ownerShadowRoot?.getHostNode?.();
  while (host?.is?.startsWith('builtin/')) host = host.ownerShadowRoot?.getHostNode?.();
  return host?.is ?? '';
}

/** Where the preview keeps a picture of the mini-program. */
export function assetUrl(source, owner) {
  if (!source || /^(data:|https?:|blob:)/.test(source)) return source;
  const from = source.startsWith('/') ? '' : owner;
  return `assets${new URL(source, `http://phone/${from}`).pathname}`;
}

// Make every built-in a glass-easel component, known everywhere by its tag.
import { ACTED } from './acted.mjs';
import { dom, setAttribute } from './dom.mjs';
import { FIELDS } from './fields.mjs';
import { ARIA, PROPERTIES, SHARED } from './properties.mjs';
import { SHOWN } from './shown.mjs';
import { BUILTINS } from './tags.mjs';

const PARTS = { ...ACTED, ...FIELDS, ...SHOWN };

function synchronise(component, part, isField) {
  const element = dom(component);
  if (!element) return;
  setAttribute(element, 'wx-hidden', component.data.hidden);
  for (const [property, name] of Object.entries(ARIA)) {
    const value = component.data[property];
    const isInside = isField && property === 'ariaLabel'; // the real <input> wears it
    if (!isInside && value !== null && value !== '') {
      setAttribute(element, name, value === false ? 'false' : value === true ? 'true' : value);
    }
  }
  part.update?.call(component);
}

/** `preview` is what a built-in may ask for: `wx`, `openType`, `openPicker`, `complain`. */
export function registerBuiltins(space, groups, preview) {
  for (const tag of BUILTINS) {
    const part = PARTS[tag] ?? {};
    const properties = { ...SHARED, ...PROPERTIES[tag] };
    const update = function () {
      synchronise(this, part, tag in FIELDS);
    };
    const definition = space.defineComponent({
      is: `builtin/${tag}`,
      template: { groupList: groups, content: groups[`builtin/${tag}`] },
      properties,
      observers: { [Object.keys(properties).join(',')]: update },
      lifetimes: {
        attached() {
          this.preview = preview;
          part.attached?.call(this);
          update.call(this);
        },
      },
    });
    space.setGlobalUsingComponent(tag, definition);
  }
}

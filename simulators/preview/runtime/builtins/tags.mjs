// The built-in components we imitate, each with the template of its inside. `html-x` becomes a real
// <x>; <view> itself becomes <wx-view>, so that no browser rule reaches it.
const CONTAINER = '<slot/>';

const TEMPLATES = {
  view: CONTAINER,
  text: CONTAINER,
  button: CONTAINER,
  label: CONTAINER,
  form: CONTAINER,
  navigator: CONTAINER,
  picker: CONTAINER,
  swiper: CONTAINER,
  'scroll-view': CONTAINER,
  'swiper-item': CONTAINER,
  'cover-view': CONTAINER,
  'radio-group': CONTAINER,
  'checkbox-group': CONTAINER,
  'root-portal': CONTAINER,
  'page-container': CONTAINER,
  'page-meta': CONTAINER,
  radio: '<html-input type="radio"/><slot/>',
  checkbox: '<html-input type="checkbox"/><slot/>',
  switch: '<html-input type="checkbox" role="switch"/>',
  slider: '<html-input type="range"/>',
  input: '<html-input/>',
  textarea: '<html-textarea/>',
  image: '<html-img/>',
  'cover-image': '<html-img/>',
  canvas: '<html-canvas/>',
  progress: '<html-progress/>',
  'rich-text': '',
};

export const BUILTINS = Object.keys(TEMPLATES);
export const templateOf = (tag) => TEMPLATES[tag];

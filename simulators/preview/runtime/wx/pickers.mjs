// What opens when a <picker> is tapped.
import { layer, make, sheet } from './dialogs.mjs';

/** <input type> by the picker's mode and `fields`. */
function inputType({ mode, fields }) {
  if (mode === 'time') return 'time';
  return fields === 'month' ? 'month' : 'date'; // a year alone is asked as a month
}

function chooseDate(picker) {
  const { data } = picker;
  const field = make('input', { type: inputType(data), value: data.value ?? '' });
  if (data.start) field.min = data.start;
  if (data.end) field.max = data.end;
  const done = make('button', { textContent: '确定 · OK' });
  const shown = layer('wx-dim wx-sheet', make('div', { role: 'dialog' }, field, done));
  done.onclick = () => {
    shown.remove();
    const value = data.fields === 'year' ? field.value.slice(0, 4) : field.value;
    picker.setData({ value });
    picker.triggerEvent('change', { value });
  };
}

export function openPicker(picker) {
  const { mode, range, rangeKey } = picker.data;
  if (mode === 'date' || mode === 'time') {
    chooseDate(picker);
    return;
  }
  if (mode !== 'selector') {
    picker.preview.complain(`<picker mode="${mode}"> is not in the preview`);
    return;
  }
  const items = range.map((item) => String(rangeKey ? item[rangeKey] : item));
  sheet(items, (index) => {
    if (index < 0) {
      picker.triggerEvent('cancel', {});
      return;
    }
    picker.setData({ value: index });
    picker.triggerEvent('change', { value: index });
  });
}

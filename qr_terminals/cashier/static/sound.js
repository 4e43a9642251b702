// A sound for each end of a tap, told apart by tune and not only by pitch.

const TUNES = {
  approved: [[880, 0, 0.12], [1320, 0.13, 0.2]],
  again: [[880, 0, 0.1]],
  trained: [[660, 0, 0.08], [660, 0.12, 0.08], [660, 0.24, 0.08]],
  voided: [[880, 0, 0.12], [587, 0.13, 0.22]],
  refused: [[196, 0, 0.18, 'square'], [196, 0.26, 0.28, 'square']],
};
const LOUDNESS = 0.4;

let audio = null;

/** Browsers let a page sound only after a touch or a key; a kiosk may be told to let it at once. */
export function wake() {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') audio.resume();
}

export const isOn = () => audio?.state === 'running';

/** Play a tune, if the browser lets us. */
export function play(name) {
  const tune = TUNES[name];
  if (!tune) return;
  wake();
  for (const [pitch, begins, lasts, shape = 'sine'] of tune) {
    const at = audio.currentTime + begins;
    const tone = new OscillatorNode(audio, { frequency: pitch, type: shape });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setTargetAtTime(shape === 'square' ? LOUDNESS / 2 : LOUDNESS, at, 0.008);
    gain.gain.setTargetAtTime(0, at + lasts, 0.02);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + lasts + 0.2);
  }
}

/** What the phone does while a page with a code is open: light, no screenshots, NFC. */
import type { Notice } from "../models/notice";
import type { Secrets } from "../models/secrets";
import { guardScreen, lightUp } from "../services/device";
import { createPlaying } from "./playing";

export interface ScreenHearer {
  onShot(): void;
  onRecording(isOn: boolean): void;
  onHce(notice: Notice): void;
}

export interface Screen {
  /** The page is open: screenshots and recordings are told. */
  open(): void;
  close(): void;
  /** A code is shown from now on: bright, awake, and a card for readers. */
  show(secrets: Secrets, digits: string): void;
  /** No code is shown: as dark as it was, and nothing for readers. */
  blank(): void;
}

export function createScreen(hearer: ScreenHearer): Screen {
  const playing = createPlaying((notice) => hearer.onHce(notice));
  let endGuard: (() => void) | null = null;
  let endLight: (() => void) | null = null;

  function blank(): void {
    playing.prepare(null, "");
    if (endLight === null) return;
    endLight();
    endLight = null;
    playing.stop();
  }

  return {
    open() {
      endGuard ??= guardScreen(
        () => hearer.onShot(),
        (isOn) => hearer.onRecording(isOn),
      );
    },
    close() {
      blank();
      endGuard?.();
      endGuard = null;
    },
    show(secrets, digits) {
      playing.prepare(secrets, digits);
      if (endLight !== null) return;
      endLight = lightUp();
      playing.start();
    },
    blank,
  };
}

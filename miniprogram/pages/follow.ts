/** A passive page: what stores and settings say is put on it, now and after every change. */
import { settings } from "../stores/index";
import { say, section, type Key, type Language, type Section } from "../words/index";

/** What a page is for this purpose. */
interface Dressed {
  setData(data: Record<string, unknown>): void;
}

/** Any store, whatever its state. */
interface Heard {
  subscribe(hear: () => void): () => void;
}

type Look = (language: Language) => Record<string, unknown>;

/** A page being kept up to date. */
export interface Following {
  /** Look again, after something changed that is in no store. */
  show(): void;
  /** Put the page's title above it; WeChat gives it to whichever page is on top just then. */
  entitle(): void;
  end(): void;
}

/** What a page holds before it follows anything. */
export const IDLE: Following = {
  show: () => undefined,
  entitle: () => undefined,
  end: () => undefined,
};

/**
 * Keep a page as `look` says while it lives. `names[0]` gives the page its title, all of `names`
 * its words (`t`); `large` is the root class of large type.
 */
export function follow(
  page: Dressed,
  names: readonly Section[],
  stores: readonly Heard[],
  look: Look,
): Following {
  const shown: Record<string, string> = {};
  let language: Language | "" = "";
  let isReady = false;

  const show = (): void => {
    if (!isReady) return;
    const now = settings.state.language;
    const data: Record<string, unknown> = { ...look(now) };
    data["large"] = settings.state.isLargeType ? "large" : "";
    if (now !== language) {
      language = now;
      data["t"] = section(["every", ...names], now);
    }
    const changed = changedIn(data, shown);
    if (Object.keys(changed).length > 0) page.setData(changed);
  };

  const entitle = (): void => {
    void wx.setNavigationBarTitle({ title: say(titleOf(names), settings.state.language) });
  };

  const ends = [settings, ...stores].map((store) => store.subscribe(show));
  isReady = true;
  show();
  entitle();
  return {
    show,
    entitle,
    end() {
      for (const end of ends) end();
    },
  };
}

function titleOf(names: readonly Section[]): Key {
  return `${names[0]}.title` as Key;
}

/** The fields that differ from what was last sent to the screen; `shown` learns them. */
function changedIn(
  data: Record<string, unknown>,
  shown: Record<string, string>,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    const text = JSON.stringify(value) ?? "";
    if (shown[name] === text) continue;
    shown[name] = text;
    changed[name] = value;
  }
  return changed;
}

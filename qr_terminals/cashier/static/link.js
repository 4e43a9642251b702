// The page's line to its terminal: facts come as events, orders go as small JSON bodies.

const SILENT_MS = 12_000; // the program gives a sign of life every five seconds

/** Hear every fact by its name; `tell(isThere)` when the program goes and when it is back. */
export function listen(names, hear, tell) {
  let source = null;
  let silence = 0;
  const alive = () => {
    clearTimeout(silence);
    silence = setTimeout(again, SILENT_MS);
  };
  const again = () => {
    tell(false);
    open();
  };
  const open = () => {
    source?.close();
    source = new EventSource('/events');
    source.addEventListener('open', () => {
      alive();
      tell(true);
    });
    source.addEventListener('error', () => {
      tell(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
    });
    source.addEventListener('alive', alive);
    for (const name of names) {
      source.addEventListener(name, (event) => {
        alive();
        hear(name, JSON.parse(event.data));
      });
    }
    alive();
  };
  open();
}

/** Give an order; whether it was taken. What comes of it is heard as a fact. */
export async function order(name, facts = {}) {
  try {
    const answer = await fetch('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ order: name, ...facts }),
    });
    return answer.ok;
  } catch {
    return false; // the line is cut: the page says so already
  }
}

/** What a child may spend: a guardian types it, the child sees it. Empty is no limit. */
import { yuan } from "../../../models/money";
import { fenOf, typedOf } from "../../../models/top_up";
import { follow, IDLE } from "../../../pages/follow";
import { freshness } from "../../../pages/loaded";
import { guardian, limits } from "../../../stores/index";
import { NO_LIMITS, type Limits, type LimitsState } from "../../../stores/limits";
import { OWN } from "../../../stores/top_ups";
import { amount } from "../../../words/amount";
import { say, type Language } from "../../../words/index";

const LIMIT_FEN_MAX = 10_000_000;
const WEEKDAYS = 7;

/** One field: what it is called, and what stands in it. */
interface Field {
  readonly id: string;
  readonly name: string;
  readonly typed: string;
}

Page({
  data: { t: {}, large: "", weekdays: [], kinds: [], own: [] },
  following: IDLE,
  whose: OWN,
  /** What was typed, by field; a field that is missing is as the school has it. */
  typed: new Map<string, string>(),
  wrong: "",

  onLoad(query: { child?: string }) {
    this.whose = Number(query.child ?? OWN);
    this.typed = new Map();
    this.following = follow(this, ["limits"], [limits, guardian], (language) =>
      this.look(language),
    );
    if (this.whose === OWN) void limits.openOwn();
    else void limits.openChild(this.whose);
    if (this.whose !== OWN && guardian.state.children.length === 0) void guardian.open();
  },
  onUnload() {
    this.following.end();
  },

  look(language: Language) {
    const { limits: now, merchantKinds, setBy, isSaved, isLoading } = limits.state;
    const fresh = freshness(limits.state, Date.now() / 1000, language);
    const name = guardian.state.children.find((one) => one.cardholderId === this.whose)?.name;
    const isOwn = this.whose === OWN;
    const own = isOwn ? ownLines(limits.state, language) : [];
    const saving = say("limits.saving", language);
    const save = name === undefined ? "limits.save" : "limits.save_child";
    return {
      ...fresh,
      isOwn,
      name: name ?? "",
      isForm: fresh.hasAnswer && !isOwn,
      day: this.fieldOf("day", say("limits.day", language), now.dayFen),
      weekdays: now.weekdayFen.map((fen, at) =>
        this.fieldOf(`weekday-${at}`, weekdayName(at, language), fen),
      ),
      kinds: merchantKinds.map((kind) =>
        this.fieldOf(`kind-${kind.id}`, kind[language], now.kinds[kind.id] ?? null),
      ),
      wrong: this.wrong,
      saved: isSaved ? say("limits.saved", language) : "",
      isBusy: isLoading,
      saveLabel: isLoading ? saving : say(save, language, { name: name ?? "" }),
      own,
      lead: isOwn && own.length > 0 ? say("limits.own_lead", language) : "",
      setBy: setBy === "" ? "" : say("limits.set_by", language, { name: setBy }),
      isNothing: isOwn && fresh.hasAnswer && own.length === 0,
      language,
    };
  },

  onTyped(event: { currentTarget: { dataset: object }; detail: { value: string } }) {
    const { id } = event.currentTarget.dataset as { id: string };
    this.typed.set(id, event.detail.value);
    this.wrong = "";
    limits.touch();
    this.following.show();
  },
  async onSave() {
    const asked = this.read();
    if (asked === null) this.following.show();
    else if (await limits.save(this.whose, asked)) {
      this.typed.clear();
      this.following.show();
    }
  },

  fieldOf(id: string, name: string, fen: number | null): Field {
    return { id, name, typed: this.typed.get(id) ?? (fen === null ? "" : typedOf(fen)) };
  },
  /** What the fields say, or null with the sentence that names the wrong one. */
  read(): Limits | null {
    const { day, weekdays, kinds } = this.data as unknown as {
      day: Field;
      weekdays: readonly Field[];
      kinds: readonly Field[];
    };
    const fens = new Map<string, number | null>();
    for (const field of [day, ...weekdays, ...kinds]) {
      const fen = field.typed.trim() === "" ? null : fenOf(field.typed);
      const isEmpty = field.typed.trim() === "";
      if (!isEmpty && (fen === null || fen > LIMIT_FEN_MAX)) {
        const { language } = this.data as unknown as { language: Language };
        this.wrong = say("limits.wrong", language, { name: field.name, high: yuan(LIMIT_FEN_MAX) });
        return null;
      }
      fens.set(field.id, fen);
    }
    const at = (id: string): number | null => fens.get(id) ?? null;
    const byKind: Record<string, number | null> = {};
    for (const { id } of kinds) byKind[id.slice("kind-".length)] = at(id);
    return {
      dayFen: at("day"),
      weekdayFen: NO_LIMITS.weekdayFen.map((_none, place) => at(`weekday-${place}`)),
      kinds: byKind,
    };
  },
});

/** Only what is limited. */
function ownLines(from: LimitsState, language: Language): object[] {
  const { limits: now, merchantKinds } = from;
  const lines: object[] = [];
  const add = (id: string, name: string, fen: number | null): void => {
    if (fen !== null) lines.push({ id, name, amount: amount(fen) });
  };
  add("day", say("limits.own_day", language), now.dayFen);
  now.weekdayFen.forEach((fen, at) => add(`weekday-${at}`, weekdayName(at, language), fen));
  for (const kind of merchantKinds) {
    add(`kind-${kind.id}`, kind[language], now.kinds[kind.id] ?? null);
  }
  return lines;
}

function weekdayName(at: number, language: Language): string {
  return say("limits.weekday_names", language).split(",")[at % WEEKDAYS] ?? "";
}

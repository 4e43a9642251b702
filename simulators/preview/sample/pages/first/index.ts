import { journal } from "../../journal";

interface Told {
  readonly detail: { readonly value: unknown; readonly text?: string };
  readonly currentTarget: { readonly dataset: Readonly<Record<string, string>> };
}

Page({
  data: { typed: "", items: [{ name: "rice", fen: 150 }, { name: "soup", fen: 200 }], log: [] },
  own: { kept: 1 },

  onLoad(query: Record<string, string>) {
    this.note(`load ${JSON.stringify(query)}`);
  },
  onShow() {
    this.note("show");
  },
  onReady() {
    this.note(`ready ${this.own.kept}`);
    this.createSelectorQuery()
      .select("#canvas")
      .fields({ node: true, size: true })
      .exec(([{ node, width }]) => {
        node.width = width;
        node.height = width;
        const paper = node.getContext("2d");
        paper.fillRect(0, 0, width, width);
        this.note(`canvas ${width}`);
      });
  },
  onHide() {
    this.note("hide");
  },
  note(what: string) {
    journal.push(what);
    this.setData({ log: [...journal] });
  },
  onInput(event: Told) {
    this.note(`input ${event.detail.value}`);
  },
  onConfirm(event: Told) {
    this.note(`confirm ${event.detail.value}`);
  },
  onChange(event: Told) {
    this.note(`${event.currentTarget.dataset["what"]} ${JSON.stringify(event.detail.value)}`);
  },
  onSubmit(event: Told) {
    this.note(`submit ${JSON.stringify(event.detail.value)}`);
  },
  onBadge(event: Told) {
    this.note(`badge ${event.detail.text}`);
  },
  onOutside() {
    this.note("outside");
  },
  onInside() {
    this.note("inside");
  },
  onHeld() {
    this.note("held");
  },
  onLower() {
    this.note("lower");
  },
});

// A payment in plain words: how it came to what was paid, who paid, what became of it.

import { spoken, WORDS, say, yuan } from "./words.js";

const SENTENCES = {
  price: ["标价 {a} 元", "Price {a} yuan"],
  discount: ["优惠 {a} 元", "{a} yuan off"],
  fee: ["手续费 {a} 元", "Fee {a} yuan"],
  paid: ["实付 {a} 元", "Paid {a} yuan"],
  cash: ["现金钱包出 {a} 元", "{a} yuan from the cash purse"],
  benefit: ["补助出 {a} 元", "{a} yuan from the benefit purse"],
  purse: ["其他钱包出 {a} 元", "{a} yuan from another purse"],
  borne: ["学校承担 {a} 元", "The school bore {a} yuan"],
  courtesy: ["这是学校请的一餐，没有扣您的钱", "A meal on the school: you paid nothing"],
  undone: ["已撤销", "It was taken back"],
  returned: ["已退回 {a} 元", "{a} yuan came back"],
  offline: ["终端当时没有联网，后来上传的", "The terminal was offline and told of it later"],
  late: ["终端隔了些日子才上传", "The terminal told of it some days later"],
  open: ["您提出的异议正在处理", "You contest it; it is being looked at"],
  upheld: ["异议已支持", "Your dispute was decided in your favour"],
  refused: ["异议未支持，消费有效", "The dispute was refused, the payment stands"],
};

/** Sentences, the sum first. */
export function explain(payment) {
  const said = [];
  const tell = (key, fen) => {
    const text = SENTENCES[key][spoken() === "zh" ? 0 : 1];
    said.push(fen === undefined ? text : text.replace("{a}", yuan(fen)));
  };
  tell("price", payment.nominal_fen);
  if (payment.discount_fen) tell("discount", payment.discount_fen);
  if (payment.fee_fen) tell("fee", payment.fee_fen);
  const isCourtesy = payment.reason === "courtesy";
  if (isCourtesy) tell("courtesy");
  else tell("paid", payment.charged_fen);
  for (const [purse, fen] of Object.entries(payment.split_fen)) {
    if (fen) tell(purse in SENTENCES ? purse : "purse", fen);
  }
  if (payment.borne_fen && !isCourtesy) tell("borne", payment.borne_fen);
  if (payment.returned_fen) tell("returned", payment.returned_fen);
  if (payment.is_undone) tell("undone");
  if (payment.was_offline) tell("offline");
  if (payment.was_late) tell("late");
  if (payment.dispute) tell(payment.dispute);
  return said;
}

/** The meal's name, nothing outside meals or for a meal of the school's own. */
export const meal = (payment) => (payment.period_id in WORDS ? say(payment.period_id) : "");

/** Every key a model or a store may name; words/zh.ts and words/en.ts hold a sentence for each. */
export const WORD_KEYS = [
  // the network and the server
  "net.offline",
  "net.slow",
  "net.server_busy",
  "net.unknown_answer",
  // sessions
  "session.ended",
  "session.wechat_off",
  "session.login_failed",
  "session.not_bound",
  "session.privacy_denied",
  "session.phone_denied",
  "session.empty_code",
  "session.empty_name",
  // the card
  "card.secrets_end_soon",
  "card.replaced",
  "card.frozen_elsewhere",
  "card.captured",
  "card.recorded",
  "card.clock_wrong",
  "card.freeze_sending",
  "card.freeze_waiting",
  "card.freeze_failed",
  "card.lift_needs_network",
  "card.lift_wait",
  "card.lifted",
  // storage
  "storage.full",
  "storage.broken",
  // NFC
  "hce.ready",
  "hce.13000",
  "hce.13001",
  "hce.13002",
  "hce.13003",
  "hce.13004",
  "hce.13005",
  "hce.13006",
  "hce.failed",
  // one line of the statement, explained
  "line.nominal",
  "line.discount",
  "line.fee",
  "line.charged",
  "line.borne",
  "line.courtesy",
  "line.returned",
  "line.purse",
  "line.purse.cash",
  "line.purse.benefit",
  "line.terminal",
  "line.offline",
  "line.online",
  "line.late",
  "line.undone",
  "line.disputed",
  "line.dispute.upheld",
  "line.dispute.refused",
  "dispute.sent",
  // messages by WeChat
  "messages.failed",
  // topping up
  "topup.no_amount",
  "topup.no_number",
  "topup.out_of_bounds",
  "pay.cancelled",
  "pay.not_shown",
  // staff
  "staff.not_found",
  "staff.empty_number",
  // guardians
  "guardian.child_added",
] as const;

export type WordKey = (typeof WORD_KEYS)[number];

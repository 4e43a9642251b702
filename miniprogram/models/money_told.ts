/** What the server answers about money that comes in and goes back. */

export interface LimitsTold {
  day_fen: number | null;
  weekday_fen: (number | null)[];
  kinds: Record<string, number | null>;
}

export interface OwnLimitsTold extends LimitsTold {
  set_by: string;
}

export interface LeavingTold {
  is_open: boolean;
  balance_fen: number;
  lots: {
    lot_id: number;
    origin: string;
    amount_fen: number;
    left_fen: number;
    paid_at: number;
    refundable_until: number | null;
  }[];
  cash_fen: number;
  refunds: { number: string; amount_fen: number; state: string; at: number }[];
}

/** A key of our own for what must not happen twice; kept for a repeat of the same wish. */
export function newKey(): string {
  return crypto.randomUUID();
}

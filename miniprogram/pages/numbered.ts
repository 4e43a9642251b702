/** Groups of digits as a list may show them: equal groups are told apart by their place. */
export function numbered(groups: readonly string[]): { id: number; text: string }[] {
  return groups.map((text, id) => ({ id, text }));
}

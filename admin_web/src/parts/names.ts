// The name that a server gives a file.

const NAMED = /filename\*=UTF-8''([^;]+)|filename="?([^";]+)"?/;

/** The name in a content-disposition, or the other one. */
export function nameOf(disposition: string | null, otherwise: string): string {
  const match = NAMED.exec(disposition ?? "");
  return match?.[1] ? decodeURIComponent(match[1]) : (match?.[2] ?? otherwise);
}

/** What of lean-qr we use. */
export interface Picture {
  readonly size: number;
  get(x: number, y: number): boolean;
}
/** How a text becomes bits. */
export type Mode = (bits: never, version: number) => void;
export declare const mode: { numeric(digits: string): Mode };
export declare const correction: { readonly H: number };
export declare const generate: (
  data: Mode,
  options: {
    readonly minVersion: number;
    readonly maxVersion: number;
    readonly minCorrectionLevel: number;
    readonly mask?: number | null;
  },
) => Picture;

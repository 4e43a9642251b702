/** What of qrcode-generator we use. */
export interface QrCode {
  addData(text: string, mode: "Numeric"): void;
  make(): void;
  getModuleCount(): number;
  isDark(row: number, column: number): boolean;
}
/** `version` 1 … 40, or 0 for the smallest that fits. */
export declare function qrcode(version: number, level: "L" | "M" | "Q" | "H"): QrCode;

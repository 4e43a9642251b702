/** What of @noble/hashes we use. */
export interface Hash {
  readonly outputLen: number;
  readonly blockLen: number;
}
/** A MAC that has taken some bytes already. */
export interface RunningMac {
  update(bytes: Uint8Array): RunningMac;
  digest(): Uint8Array;
  clone(): RunningMac;
}
export declare const sha256: ((bytes: Uint8Array) => Uint8Array) & Hash;
export declare const hmac: ((hash: typeof sha256, key: Uint8Array, bytes: Uint8Array) => Uint8Array) & {
  create(hash: typeof sha256, key: Uint8Array): RunningMac;
};

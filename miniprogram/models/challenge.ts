/** The NFC challenge: MACs that are worth something at one terminal, for one amount, once. */
import { hmac, sha256, type RunningMac } from "../vendor/hashes";
import { ascii, joined } from "./bytes";
import type { Secrets } from "./secrets";

/** nonce (8), terminal (4), amount in fen (4). */
export const CHALLENGE_BYTES = 16;
const LABEL = "campus-code/9/challenge";
const MAC_BYTES = 8;

/** All of an answer that can be had before the reader asks. */
export interface PreparedAnswer {
  readonly code: Uint8Array;
  /** Both have label and code in them already. */
  readonly terminalMac: RunningMac;
  readonly issuerMac: RunningMac;
}

/** Prepare the answers of one step; `code` is what the phone shows then. */
export function prepareAnswer(secrets: Secrets, code: string): PreparedAnswer {
  const begun = ascii(LABEL + code);
  return {
    code: ascii(code),
    terminalMac: hmac.create(sha256, secrets.terminalSecret).update(begun),
    issuerMac: hmac.create(sha256, secrets.issuerSecret).update(begun),
  };
}

/** The 50 bytes for the challenge's 16. */
export function answerChallenge(prepared: PreparedAnswer, asked: Uint8Array): Uint8Array {
  return joined(
    prepared.code,
    finished(prepared.terminalMac, asked),
    finished(prepared.issuerMac, asked),
  );
}

function finished(mac: RunningMac, asked: Uint8Array): Uint8Array {
  return mac.clone().update(asked).digest().slice(0, MAC_BYTES);
}

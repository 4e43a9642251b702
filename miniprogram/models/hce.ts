/** The phone as a card: commands in, answers out. docs/code-format.md, chapter 8. */
import { isSame, joined } from "./bytes";
import { answerChallenge, CHALLENGE_BYTES, type PreparedAnswer } from "./challenge";

/** What WeChat is asked to listen for. */
export const AID = "F0434152440001";
const AID_BYTES = Uint8Array.of(0xf0, 0x43, 0x41, 0x52, 0x44, 0x00, 0x01);
const PROTOCOL_VERSION = 1;
const HEAD_BYTES = 4;
const SELECT = 0xa4;
const GET_CODE = 0xca;
const CHALLENGE = 0xcc;
const NO_DATA = new Uint8Array(0);

/** The two bytes that end every answer. */
export const STATUS = {
  done: 0x9000,
  wrongLength: 0x6700,
  notNow: 0x6985,
  notFound: 0x6a82,
  wrongParameters: 0x6a86,
  unknownInstruction: 0x6d00,
  unknownClass: 0x6e00,
} as const;

/** One conversation with one reader. */
export interface Conversation {
  readonly isSelected: boolean;
}

/** The phone is in nobody's field. */
export const APART: Conversation = { isSelected: false };

export interface Said {
  readonly conversation: Conversation;
  readonly answer: Uint8Array;
}

/**
 * Answer one command; never throws, whatever the reader sends. `prepared` is null when there is
 * nothing to show: no valid secrets, or a card this phone knows to be frozen, lost or closed.
 */
export function answerCommand(
  before: Conversation,
  command: Uint8Array,
  prepared: PreparedAnswer | null,
): Said {
  const fault = headFault(command);
  if (fault !== null) return said(before, fault);
  if (command[1] === SELECT) return select(before, command);
  if (!before.isSelected) return said(before, STATUS.notNow);
  const asked = command[1] === GET_CODE ? NO_DATA : dataOf(command);
  const isRight =
    command[1] === GET_CODE
      ? command.length <= HEAD_BYTES + 1
      : asked?.length === CHALLENGE_BYTES;
  if (asked === null || !isRight) return said(before, STATUS.wrongLength);
  if (prepared === null) return said(before, STATUS.notNow);
  const data = asked === NO_DATA ? prepared.code : answerChallenge(prepared, asked);
  return said(before, STATUS.done, data);
}

function headFault(command: Uint8Array): number | null {
  if (command.length < HEAD_BYTES) return STATUS.wrongLength;
  const [kind, instruction, first, second] = command;
  if (kind !== 0x00 && kind !== 0x80) return STATUS.unknownClass;
  const isKnown =
    kind === 0x00 ? instruction === SELECT : instruction === GET_CODE || instruction === CHALLENGE;
  if (!isKnown) return STATUS.unknownInstruction;
  const wanted = instruction === SELECT ? 0x04 : 0x00;
  return first === wanted && second === 0x00 ? null : STATUS.wrongParameters;
}

function select(before: Conversation, command: Uint8Array): Said {
  const name = dataOf(command);
  if (name === null) return said(before, STATUS.wrongLength);
  if (!isSame(name, AID_BYTES)) return said(APART, STATUS.notFound);
  return said({ isSelected: true }, STATUS.done, Uint8Array.of(PROTOCOL_VERSION));
}

/** The data after Lc, with or without one Le byte behind it; null when lengths disagree. */
function dataOf(command: Uint8Array): Uint8Array | null {
  const length = command[HEAD_BYTES];
  if (length === undefined) return null;
  const begins = HEAD_BYTES + 1;
  const behind = command.length - begins - length;
  return behind === 0 || behind === 1 ? command.slice(begins, begins + length) : null;
}

function said(conversation: Conversation, status: number, data: Uint8Array = NO_DATA): Said {
  return { conversation, answer: joined(data, Uint8Array.of(status >> 8, status & 0xff)) };
}

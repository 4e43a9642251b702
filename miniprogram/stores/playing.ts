/** The phone as a contactless card, while its code is shown. */
import { prepareAnswer, type PreparedAnswer } from "../models/challenge";
import { answerCommand, APART, type Conversation } from "../models/hce";
import { word, type Notice } from "../models/notice";
import type { Secrets } from "../models/secrets";
import type { WordKey } from "../models/word_keys";
import { HceError, playCard } from "../services/device";

const CODES: Readonly<Record<number, WordKey>> = {
  13000: "hce.13000",
  13001: "hce.13001",
  13002: "hce.13002",
  13003: "hce.13003",
  13004: "hce.13004",
  13005: "hce.13005",
  13006: "hce.13006",
};

export interface Playing {
  /** What is answered from now on; null: nothing can be shown. */
  prepare(secrets: Secrets | null, digits: string): void;
  start(): void;
  stop(): void;
}

/** `tell` hears what NFC is doing, or why it is not. */
export function createPlaying(tell: (notice: Notice) => void): Playing {
  let prepared: PreparedAnswer | null = null;
  let conversation: Conversation = APART;
  /** Rises with every start and stop: a start that comes true too late is undone. */
  let turn = 0;
  let end: (() => void) | null = null;

  const player = {
    answer(command: Uint8Array): Uint8Array {
      const said = answerCommand(conversation, command, prepared);
      conversation = said.conversation;
      return said.answer;
    },
    leave(): void {
      conversation = APART;
    },
    fail(error: HceError): void {
      tell(noticeOfHce(error));
    },
  };

  async function begin(): Promise<void> {
    turn += 1;
    const mine = turn;
    try {
      const stop = await playCard(player);
      if (mine !== turn) return stop();
      end = stop;
      tell(word("hce.ready"));
    } catch (error) {
      if (!(error instanceof HceError)) throw error;
      if (mine === turn) tell(noticeOfHce(error));
    }
  }

  return {
    prepare(secrets, digits) {
      prepared = secrets === null ? null : prepareAnswer(secrets, digits);
    },
    start() {
      void begin();
    },
    stop() {
      turn += 1;
      conversation = APART;
      end?.();
      end = null;
    },
  };
}

function noticeOfHce(error: HceError): Notice {
  return word(CODES[error.code] ?? "hce.failed");
}

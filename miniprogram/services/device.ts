/** What the phone itself does: WeChat login, screen, NFC, network, touch, privacy. */
import { AID } from "../models/hce";
import { WechatError } from "./errors";
import { promised, WxError } from "./promised";

/** The id of the `<button open-type="agreePrivacyAuthorization">` that agrees. */
export const PRIVACY_BUTTON_ID = "agree";
const BRIGHTEST = 1;
/** WeChat's sizes are 15, 16 (ordinary), 17, 19, 20, 22, 24 and so on. */
const LARGE_TYPE = 20;
const COMMAND_MESSAGE = 1;
/** The person switched the mini-program's messages off in WeChat's settings. */
const MESSAGES_OFF = 20004;

type End = () => void;

/** A code for `GET /sns/jscode2session`, good once. Raises WechatError. */
export async function wechatCode(): Promise<string> {
  try {
    const { code } = await promised<{ code: string }>((callbacks) => wx.login(callbacks));
    if (code !== "") return code;
  } catch (error) {
    throw error instanceof WxError ? loginFailed(error.message) : error;
  }
  throw loginFailed("login: no code");
}

function loginFailed(why: string): WechatError {
  return new WechatError(why, "session.login_failed");
}

/**
 * WeChat's own dialogue whether one message of each template may be sent, by template id. Raises
 * WechatError when it could not be shown; messages switched off altogether are a no.
 */
export async function askForMessages(ids: readonly string[]): Promise<Record<string, boolean>> {
  const answers: Record<string, boolean> = {};
  try {
    const told = await promised<Record<string, unknown>>((callbacks) =>
      wx.requestSubscribeMessage({ tmplIds: [...ids], ...callbacks }),
    );
    for (const id of ids) answers[id] = told[id] === "accept";
    return answers;
  } catch (error) {
    if (!(error instanceof WxError)) throw error;
    if (error.code === MESSAGES_OFF) return answers;
    throw new WechatError(error.message, "messages.failed");
  }
}

/** Whether the phone itself speaks Chinese. */
export function isChinese(): boolean {
  return wx.getAppBaseInfo().language.startsWith("zh");
}

/** Whether WeChat itself was set to large type; old versions do not say. */
export function hasLargeType(): boolean {
  return wx.getAppBaseInfo().fontSizeSetting >= LARGE_TYPE;
}

/** A short tick under the finger; a phone without one stays still. */
export function tick(): void {
  quietly((callbacks) => wx.vibrateShort({ type: "medium", ...callbacks }));
}

/** As bright as it goes and never asleep until the answer is called; then as before. */
export function lightUp(): End {
  let before: number | null = null;
  let isOver = false;
  quietly((callbacks) => wx.setKeepScreenOn({ keepScreenOn: true, ...callbacks }));
  promised<{ value: number }>((callbacks) => wx.getScreenBrightness(callbacks)).then(
    ({ value }) => {
      if (isOver) return;
      before = value;
      setBrightness(BRIGHTEST);
    },
    ignored, // what cannot be restored is not changed
  );
  return () => {
    isOver = true;
    if (before !== null) setBrightness(before);
    quietly((callbacks) => wx.setKeepScreenOn({ keepScreenOn: false, ...callbacks }));
  };
}

function setBrightness(value: number): void {
  quietly((callbacks) => wx.setScreenBrightness({ value, ...callbacks }));
}

/** Tell of screenshots and recordings, and keep them empty where the phone can. */
export function guardScreen(onShot: () => void, onRecording: (isOn: boolean) => void): End {
  const changed = ({ state }: { state: string }): void => onRecording(state === "start");
  quietly((callbacks) => wx.setVisualEffectOnCapture({ visualEffect: "hidden", ...callbacks }));
  wx.onUserCaptureScreen(onShot);
  wx.onScreenRecordingStateChanged(changed);
  let isOver = false;
  promised<{ state: string }>((callbacks) => wx.getScreenRecordingState(callbacks)).then(
    ({ state }) => {
      if (!isOver && state === "on") onRecording(true);
    },
    ignored, // older phones cannot say
  );
  return () => {
    isOver = true;
    wx.offUserCaptureScreen(); // there is only ever one
    wx.offScreenRecordingStateChanged(changed);
    quietly((callbacks) => wx.setVisualEffectOnCapture({ visualEffect: "none", ...callbacks }));
  };
}

/** Call back whenever a network is there again. */
export function onNetwork(hear: () => void): End {
  // the typings give the two listeners different arguments, WeChat wants the same function
  const changed = (told: object): void => {
    if ((told as { isConnected?: boolean }).isConnected === true) hear();
  };
  wx.onNetworkStatusChange(changed);
  return () => wx.offNetworkStatusChange(changed);
}

/** NFC could not be had. `code` is WeChat's, 13000 … 13006, or 0. */
export class HceError extends Error {
  readonly code: number;

  constructor(failure: WxError) {
    super(failure.message);
    this.name = "HceError";
    this.code = failure.code;
  }
}

/** What plays the card: the next answer for a command, and that the reader is gone. */
export interface CardPlayer {
  answer(command: Uint8Array): Uint8Array;
  leave(): void;
  /** WeChat did not take an answer. */
  fail(error: HceError): void;
}

/**
 * Play a card until the answer is called. Raises HceError: no NFC, switched off, WeChat not the
 * phone's payment app…
 */
export async function playCard(player: CardPlayer): Promise<End> {
  const hear = (message: { messageType: number; data: ArrayBuffer }): void => {
    if (message.messageType !== COMMAND_MESSAGE) return player.leave();
    const answer = player.answer(new Uint8Array(message.data));
    const data = answer.buffer.slice(answer.byteOffset, answer.byteOffset + answer.byteLength);
    promised((callbacks) =>
      wx.sendHCEMessage({ data: data as ArrayBuffer, ...callbacks }),
    ).catch((error: unknown) => player.fail(hceError(error)));
  };
  try {
    await promised((callbacks) => wx.getHCEState(callbacks));
    wx.onHCEMessage(hear);
    await promised((callbacks) => wx.startHCE({ aid_list: [AID], ...callbacks }));
  } catch (error) {
    wx.offHCEMessage(hear);
    throw hceError(error);
  }
  return () => {
    wx.offHCEMessage(hear);
    quietly((callbacks) => wx.stopHCE(callbacks));
  };
}

interface PrivacyAnswer {
  readonly event: "agree" | "disagree";
  readonly buttonId?: string;
}

function hceError(error: unknown): HceError {
  if (error instanceof WxError) return new HceError(error);
  throw error;
}

/** Answers WeChat's question whether the privacy guide was agreed to. */
export interface PrivacyQuestion {
  agree(): void;
  deny(): void;
}

/** Call back when WeChat wants the privacy guide agreed to before it goes on. */
export function onPrivacyQuestion(hear: (question: PrivacyQuestion) => void): void {
  wx.onNeedPrivacyAuthorization((resolver: unknown) => {
    const resolve = resolver as (answer: PrivacyAnswer) => void; // the typings name another type
    hear({
      agree: () => resolve({ event: "agree", buttonId: PRIVACY_BUTTON_ID }),
      deny: () => resolve({ event: "disagree" }),
    });
  });
}

/** For what is nice to have: that a phone cannot is no news to anybody. */
function quietly(call: Parameters<typeof promised>[0]): void {
  promised(call).catch(ignored);
}

function ignored(error: unknown): void {
  if (!(error instanceof WxError)) throw error;
}

/** The card and its secrets between starts. */
import type { HeldCard } from "../models/held_card";
import { readSecrets, type Secrets } from "../models/secrets";
import type { SecretsTold } from "../models/wire";
import { AnswerError } from "./errors";
import { forgetSecretly, readSecretly, writeSecretly } from "./storage";

export interface Kept {
  readonly card: HeldCard | null;
  readonly secrets: readonly Secrets[];
}

export async function loadKept(): Promise<Kept> {
  const [card, told] = await Promise.all([
    readSecretly<HeldCard>("card"),
    readSecretly<readonly SecretsTold[]>("secrets"),
  ]);
  const secrets = Array.isArray(told) ? told.map(readSecrets) : [];
  return { card, secrets: secrets.filter((one): one is Secrets => one !== null) };
}

export function keepCard(card: HeldCard): Promise<void> {
  return writeSecretly("card", card);
}

/** Read secrets as the server sent them, and keep them. Raises AnswerError for unreadable ones. */
export function keepSecrets(told: readonly SecretsTold[], before: readonly Secrets[]): Secrets[] {
  const secrets = told.map((one) => {
    const read = readSecrets(one);
    if (read === null) throw new AnswerError("secrets that cannot be read");
    return read;
  });
  const isKept =
    secrets.length === before.length && secrets.every((one, place) => isSame(one, before[place]));
  if (!isKept) void writeSecretly("secrets", told);
  return secrets;
}

export async function forgetKept(): Promise<void> {
  await Promise.all([forgetSecretly("card"), forgetSecretly("secrets")]);
}

export function forgetSecrets(): Promise<void> {
  return forgetSecretly("secrets");
}

function isSame(one: Secrets, other: Secrets | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The right code of a card at a moment, made apart from the stores. */
import { issueCode } from "../models/campus_code";
import { readSecrets } from "../models/secrets";
import { EPOCH_7, secretsOf, WEEK, type School } from "./school";

export function rightCode(school: School, at: number): string | null {
  const epoch = 7 + Math.floor((at - EPOCH_7) / WEEK);
  const told = secretsOf(epoch, school.card, school.issue);
  const secrets = readSecrets(told as unknown as Parameters<typeof readSecrets>[0]);
  return secrets === null ? null : issueCode(secrets, at);
}

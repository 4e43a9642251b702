// Asking the program on this box. Everything is a POST: no address ever holds anything of a person.

/** What a refusal is: a word for programs, a sentence in each language. */
export class Refused extends Error {
  constructor({ error, zh, en }) {
    super(error);
    this.word = error;
    this.zh = zh;
    this.en = en;
  }
}

const AWAY = {
  error: "away",
  zh: "本机程序没有响应，请稍候。",
  en: "The program on this machine does not answer; please wait.",
};

/** The answer, or Refused. */
export async function ask(path, body) {
  let reply;
  try {
    reply = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Refused(AWAY);
  }
  const told = await reply.json();
  if (!reply.ok) throw new Refused(told);
  return told;
}

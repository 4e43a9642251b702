import did from "./did";
import en from "./en";
import zh from "./zh";

export default { zh: { ...zh, did: did.zh }, en: { ...en, did: did.en } };

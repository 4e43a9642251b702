export default {
  at: "At", by: "By", reason: "Reason", state: "State", name: "Name", none: "None", everywhere: "Whole school", nowhere: "No place",
  edit: "Change", end: "End", save: "Save", cancel: "Cancel", since: "From", until: "Until", copied: "Copied", copy: "Copy", shownOnce: "Shown this once. Keep it now.",
  machine: {
    title: "Health", lead: "Database, bus, worker and disk at this moment; read again every 15 seconds.", database: "Database", answered: "answered in {n} ms",
    bus: "Bus", well: "Well", down: "Away", worker: "Worker", leads: "Leads", nobody: "Nobody leads", nobodyText: "Nothing happens by the clock: no settlement, no messages, no key rotation.",
    disk: "Free on disk", ofDisk: "of {n}", migration: "Tables", python: "Python", connected: "Terminals at this process", queues: "What waits", waiting: "Waiting", oldest: "Oldest",
    jobs: "Jobs", job: "Job", every: "Every", ran: "Last run", took: "Took", told: "Outcome", fault: "Last fault", failures: "Faults", run: "Run now", asked: "Asked for",
    runTitle: "Run “{name}” now", runText: "The worker runs it within seconds; every job may run twice.", noJobs: "The worker has not run yet.", untroubled: "No fault",
  },
  queue: { outbox: "Messages to send", refunds: "Top-up refunds under way", corrections: "Refunds and voids to approve", disputes: "Disputes to decide", quarantine: "Quarantined records", unsealed: "Lines of the trail to seal" },
  job: {
    "roll up": "Roll up", settle: "Settle", "post benefits": "Post benefits", "note entries": "Note entries", "note decisions": "Note decisions", "note low balances": "Note low balances", "send messages": "Send messages",
    "do refunds": "Do refunds", "ask about orders": "Ask about orders", "fetch bills": "Fetch bills", "give back": "Give back", ship: "Ship", "seal audits": "Seal the trail",
    "watch risk": "Watch risk", "open epochs": "Open epochs", "open chip kinds": "Open chip kinds", "expire secrets": "Expire secrets", "expire passages": "Expire passages",
  },
  outbox: {
    title: "Messages", lead: "Messages to holders and guardians: how far each is and why it was not sent. Neither words nor whom for.", topic: "About", template: "Kind", channel: "Way", fault: "Why not", tries: "Tries",
    made: "Made", due: "Due", done: "Done", retry: "Try again", retryTitle: "Try again", empty: "No message yet.",
    states: { waiting: "Waiting", sent: "Sent", refused: "Not wanted", dropped: "Dead letter" }, channels: { wechat: "WeChat", sms: "SMS", mail: "E-mail" },
  },
  audits: {
    title: "Audit trail", lead: "Who did what to what, and when. Every line is sealed in a keyed hash chain: what is changed or taken away is found.", actor: "Actor", verb: "Verb", subject: "Subject", detail: "Detail",
    verbHint: "Verb, e.g. cards", actorHint: "Actor, e.g. staff:3", subjectHint: "Subject, e.g. card:71", prove: "Prove", proving: "Proving {n} of {all}", holds: "Whole: {n} lines are what was sealed",
    broken: "{n} findings", head: "End of the chain", headText: "Write the end down and keep it elsewhere: it shows later that nothing was cut off.", known: "An end written down before (number:hash)", badKnown: "Must be number:hash", stop: "Stop", never: "Not proven on this page yet", empty: "No lines yet.",
  },
  staff: {
    number: "Number",
    title: "Staff", lead: "Who works here, and as what. One person may hold several roles, each in the whole school, at a place or for a merchant.", login: "Login", person: "Name", roles: "Roles", active: "Works here", gone: "Left",
    add: "Add", addTitle: "Add a member of staff", password: "First password", passwordHint: "At least 10 characters", role: "Role", where: "Where", merchant: "Merchant", appoint: "Give a role", appointTitle: "Give {name} a role",
    endRole: "End this role", endRoleTitle: "End “{role}” of {name}", remove: "End access", removeTitle: "End the access of {name}", removeText: "Every session ends at once; this cannot be undone.", unlock: "Unlock", factor: "Ask for a new factor",
    factorTitle: "Ask for a new second factor for {name}", factorText: "Another admin has to approve; then the old factor, recovery codes and sessions are over.", scan: "To be scanned by its owner", scanText: "Its owner adds it to an authenticator now.", empty: "Nobody works here.",
    self: "Nobody appoints himself; another admin does.",
  },
  places: {
    title: "Places", lead: "Campus → canteen → window. A school of one campus needs none. Merchants stand at them; whoever's role ends at a place sees the merchants, terminals, payments and settlements below it.",
    kinds: { campus: "campus", canteen: "canteen", window: "window" }, addCampus: "Add a campus", addIn: "Add a {kind} here", addTitle: "Add a {kind}", rename: "Rename", move: "Move to", close: "Take away", closeTitle: "Take “{name}” away", closeText: "Only an empty place can be taken away.",
    merchants: "Where merchants stand", merchant: "Merchant", stands: "Stands at", moveMerchant: "Move", moveTitle: "Move “{name}”", empty: "No places yet. A school of one campus that divides no rights needs none.", parent: "Stands in", changeTitle: "Change “{name}”",
  },
  logins: {
    title: "Logins", lead: "Who is logged in, who is locked out, who needs a new second factor.", sessions: "Logged in", lockouts: "Wrong logins", resets: "New factors", person: "Who", opened: "Since", expires: "Ends", from: "From", endTitle: "End this session of {name}", endText: "They have to log in again.",
    failures: "In a row", locked: "Locked until", unlock: "Unlock", unlockTitle: "Unlock {name}", noLockouts: "No wrong logins.", noSessions: "Nobody is logged in.", asked: "Asked", approve: "Approve", reject: "Refuse", approveTitle: "Approve the new factor", approveText: "With its owner present: the new factor is shown once, the old one is over at once.",
    rejectTitle: "Refuse the new factor", noResets: "Nothing was asked for.", states: { waiting: "Waiting", approved: "Approved", rejected: "Refused" }, twoPeople: "Somebody else has to approve", attempts: "Wrong logins and throttling in the trail", newFactor: "The new factor",
  },
  settings: {
    title: "Settings", lead: "Numbers that may change while everything runs; each change keeps before, after, who and why. Prices, limits and meals belong to the signed rules.", setting: "Setting", value: "Now", default: "Default", bounds: "Bounds", change: "Change", changeTitle: "Change a setting", history: "Changes", before: "Before", after: "After", noHistory: "Nothing was changed yet.",
    features: "Features", featuresLead: "Open step by step: a campus, a group of terminals, then the school. Where nothing is set it is as above; at the top it is on.", feature: "Feature", group: "Group", allGroups: "All groups", on: "On", off: "Off", follow: "As above", add: "Set a switch", where: "Where",
    switchTitle: "Set a switch", defaultOn: "Not set: on", changedBy: "{who}, {when}",
    names: { kiosk_visits: "Kiosk visits", top_ups: "WeChat top-ups", invitations: "Invitations to relatives", disputes: "Disputes from phones" },
  },
  tokens: {
    title: "API tokens", lead: "The school's own programs read with a token. It never writes, and reads no people, no trail and no logins.", add: "New token", addTitle: "New token", verbs: "May read", place: "Where", days: "Days", expires: "Expires", used: "Last used", made: "Made",
    endTitle: "End “{name}”", endText: "The program that uses it reads nothing from now on.", states: { live: "Live", ended: "Ended", expired: "Expired" }, newToken: "The new token", empty: "No tokens yet.", how: "A program sends Authorization: Bearer and the token.",
  },
  notices: {
    title: "Notices", lead: "What everybody reads at the kiosks of the halls, in both languages.", add: "Publish", title_zh: "Title in Chinese", title_en: "Title in English", text_zh: "Text in Chinese", text_en: "Text in English", opens: "From", closes: "Until", endTitle: "Take “{name}” down", endText: "It is gone from every kiosk at once.",
    states: { coming: "Coming", shown: "Shown", over: "Over" }, empty: "No notices.", span: "Shown from, until",
  },
  access: {
    title: "My access", lead: "Where you are logged in, and codes for the day your phone is gone.", sessions: "My sessions", here: "This one", endTitle: "End this session", codes: "Recovery codes", codesText: "Without your authenticator each code opens one session in its place.",
    left: "{n} left, made {when}", never: "No codes yet. Without your phone two admins have to give you a new factor.", make: "Make codes", again: "Make new ones (the old end)", totp: "One-time code", totpHint: "The 6 digits your authenticator shows now", print: "Print", made: "Your recovery codes", few: "Few codes are left",
  },
};

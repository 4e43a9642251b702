export default {
  shell: {
    product: "Xiaoma", subtitle: "Card office", signIn: "Log in", signOut: "Log out", login: "Login",
    password: "Password", totp: "One-time code", totpHint: "The 6 digits of your authenticator app",
    recovery: "Recovery code", recoveryHint: "One of the codes you kept", useRecovery: "No authenticator at hand? Use a recovery code", useTotp: "Use the one-time code",
    over: "Your session has ended", overText: "Log in again; what is on the page stays.",
    language: "中文", light: "Light", dark: "Dark", followSystem: "As the system", go: "Go to…",
    goHint: "Type a page's name and press Enter", menu: "Menu", nothing: "Nothing found",
    broken: "Something on this page broke: {what}", retry: "Try again", notFound: "There is no such page",
    notFoundText: "The address may be wrong, or your role may not see it.", home: "Home",
    signedInAs: "{name} · {role}", skip: "Skip to content",
  },
  role: {
    admin: "Administrator", finance: "Finance", card_office: "Card office", help_desk: "Help desk", cashier: "Cashier", auditor: "Auditor",
  },
  list: {
    filter: "Filter", reset: "Clear", more: "Next", back: "Back", first: "To the first page",
    empty: "Nothing fits these filters", emptyText: "Change a filter, or clear them all.",
    place: "Place", everywhere: "Everywhere", progress: "Progress", doneOf: "{done} of {total}", secondsLeft: "about {n} left",
    askFile: "Ask for a file", askFileText: "{rows} rows of personal data: another person has to approve, then it can be downloaded once.", askFileVerb: "Ask", fileAsked: "Asked; another person has to approve",
    export: "Export", csv: "CSV", xlsx: "Excel", views: "Views", saveView: "Save these filters", viewName: "Name of the view",
    noViews: "No view was saved yet", removeView: "Remove this view", rows: "{n} on this page", loading: "Reading",
    reload: "Reload", all: "All", from: "From", until: "Until", page: "Page {n}",
  },
  ask: {
    reason: "Reason", reasonHint: "It stands in the audit trail; the person may read it",
    confirm: "Confirm", cancel: "Cancel", required: "Please fill this in", done: "Done", tooLong: "{n} characters at most",
  },
  unit: { yuan: "yuan", never: "never", ago: "{n} ago", seconds: "{n} s", minutes: "{n} min", hours: "{n} h", days: "{n} d" },
  group: { run: "Running", people: "People and cards", money: "Money", guard: "Risk", system: "System" },
};

/** The mini-program starts: what the person chose, and who this phone is for, from storage. */
import { card, session, settings } from "./stores/index";

App({
  onLaunch() {
    void card.load();
    settings.open();
    void session.open();
  },
});

/** The mini-program starts: what the person chose, and who this phone is for, from storage. */
import { session, settings } from "./stores/index";

App({
  onLaunch() {
    settings.open();
    void session.open();
  },
});

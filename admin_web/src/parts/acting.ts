// Doing something at the server from a page: one at a time, with its outcome told.
import { ElMessage } from "element-plus";
import { ref, type Ref } from "vue";

import { i18n, sentence } from "../words";

export interface Acting {
  isBusy: Ref<boolean>;
  /** Whether it was done. What the server refuses is said, and nothing else happens. */
  act: (deed: () => Promise<unknown>, done?: string) => Promise<boolean>;
}

export function useActing(): Acting {
  const isBusy = ref(false);
  async function act(deed: () => Promise<unknown>, done?: string): Promise<boolean> {
    if (isBusy.value) return false;
    isBusy.value = true;
    try {
      await deed();
      ElMessage({ type: "success", message: done ?? i18n.global.t("ask.done") });
      return true;
    } catch (error) {
      ElMessage({ type: "error", message: sentence(error), duration: 8000, showClose: true });
      return false;
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, act };
}

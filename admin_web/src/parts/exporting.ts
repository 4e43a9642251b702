// Taking a list as a file. Much personal data takes a second person: then it is asked for, with a reason.
import { useRouter } from "vue-router";

import { api, Refused } from "@/api/client";
import { i18n } from "@/words";

import type { Acting } from "./acting";
import { askReason } from "./asking";
import { newKey } from "./keys";

export interface Wish {
  what: string;
  format: "csv" | "xlsx";
  filters: Record<string, string | number>;
}

/** `take` fetches the file at once; when it is refused for its size, the wish is put to another person. */
export function useFiles({ act }: Acting): (take: () => Promise<void>, wish: Wish) => Promise<void> {
  const { t } = i18n.global;
  const router = useRouter();
  return async (take, wish) => {
    let needed = 0;
    await act(async () => {
      try {
        await take();
      } catch (error) {
        if (!(error instanceof Refused) || error.word !== "export_needs_approval") throw error;
        needed = Number(error.evidence.rows);
      }
    }, t("ask.done"));
    if (!needed) return;
    const reason = await askReason({ title: t("list.askFile"), text: t("list.askFileText", { rows: needed }), verb: t("list.askFileVerb") });
    if (reason === null) return;
    const body = { request_key: newKey(), reason, ...wish };
    if (await act(() => api.POST("/admin/exports", { body }), t("list.fileAsked"))) await router.push("/exports");
  };
}

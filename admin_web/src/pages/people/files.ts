// Files that are asked for with a body, so that nothing personal stands in an address.
import { ask } from "@/api/client";
import { nameOf } from "@/parts/names";

/** POST, and save what comes back under the name the server gives it. */
export async function fetchFile(path: string, body: unknown, name: string): Promise<void> {
  const response = await ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = nameOf(response.headers.get("content-disposition"), name);
  link.click();
  URL.revokeObjectURL(url);
}

// A file that the server makes, saved under the name it gives. What it refuses is thrown.
import { ask } from "../api/client";

import { nameOf } from "./names";

export async function saveFile(path: string, name: string): Promise<void> {
  const response = await ask(path);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = nameOf(response.headers.get("content-disposition"), name);
  link.click();
  URL.revokeObjectURL(url);
}

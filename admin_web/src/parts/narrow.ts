// Whether the screen is a tablet's or smaller.
import { readonly, ref } from "vue";

const watched = matchMedia("(max-width: 900px)");
const narrow = ref(watched.matches);
watched.addEventListener("change", (event) => (narrow.value = event.matches));
export const isNarrow = readonly(narrow);

// Light or dark: as the system says, or as somebody chose.
import { computed, ref, watchEffect } from "vue";

export type Look = "system" | "light" | "dark";
const KEY = "xiaoma.look";
const LOOKS: readonly Look[] = ["system", "light", "dark"];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = ref(systemIsDark.matches);
systemIsDark.addEventListener("change", (event) => (systemDark.value = event.matches));

const kept = localStorage.getItem(KEY) as Look | null;
export const look = ref<Look>(kept && LOOKS.includes(kept) ? kept : "system");
export const isDark = computed(() =>
  look.value === "system" ? systemDark.value : look.value === "dark",
);

export function wear(wanted: Look): void {
  look.value = wanted;
  localStorage.setItem(KEY, wanted);
}

watchEffect(() => document.documentElement.classList.toggle("dark", isDark.value));

// Campuses and canteens to choose from, as far as one may see them.
import { computed, type ComputedRef } from "vue";

import { api, told } from "@/api/client";

import type { Choice } from "./listing";
import { useLoading } from "./loading";

export interface Places {
  /** A canteen with its campus before it; windows are too small to be looked at alone. */
  choices: ComputedRef<Choice[]>;
  campuses: ComputedRef<Choice[]>;
  nameOf: (placeId: number) => string;
}

/** `chosen`: a place that is offered whatever it is, because somebody came with it. */
export function usePlaces(chosen: () => string = () => ""): Places {
  const { value, load } = useLoading(async () => (await told(api.GET("/admin/places"))).places);
  void load();
  const places = computed(() => value.value ?? []);
  const names = computed(() => new Map(places.value.map((one) => [one.place_id, one.name])));
  const choices = computed(() =>
    places.value
      .filter((one) => one.kind !== "window" || String(one.place_id) === chosen())
      .map((one) => ({ value: String(one.place_id), text: [names.value.get(one.parent_id), one.name].filter(Boolean).join(" / ") }))
      .sort((one, other) => one.text.localeCompare(other.text)),
  );
  const campuses = computed(() => places.value.filter((one) => one.kind === "campus").map((one) => ({ value: String(one.place_id), text: one.name })));
  return { choices, campuses, nameOf: (placeId) => names.value.get(placeId) ?? String(placeId) };
}

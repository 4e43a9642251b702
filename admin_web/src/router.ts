import { createRouter, createWebHistory, type RouteLocationNormalized } from "vue-router";

import { areas } from "./areas";
import LoginPage from "./LoginPage.vue";
import NotFound from "./NotFound.vue";
import { may, recall, session } from "./session";
import { i18n } from "./words";

declare module "vue-router" {
  interface RouteMeta {
    /** Who may not do this does not get the page. */
    verb?: string;
    /** Words of the title: `area.key`. */
    title?: string;
    /** Anybody may see it. */
    isOpen?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory("/office/"),
  routes: [
    { path: "/login", component: LoginPage, meta: { isOpen: true, title: "shell.signIn" } },
    ...areas.flatMap((area) => area.routes),
    { path: "/:rest(.*)*", component: NotFound, meta: { title: "shell.notFound" } },
  ],
  scrollBehavior: (_to, _from, kept) => kept ?? { top: 0 },
});

/** Only a path of our own: never another site's address. */
export function returnPath(to: RouteLocationNormalized): string {
  const said = to.query.to;
  return typeof said === "string" && /^\/(?![/\\])/.test(said) ? said : "/";
}

router.beforeEach(async (to) => {
  if (!session.me && !to.meta.isOpen && !(await recall())) {
    return { path: "/login", query: to.fullPath === "/" ? {} : { to: to.fullPath } };
  }
  if (to.meta.verb && !may(to.meta.verb)) {
    return { path: "/not-here", replace: true };
  }
  return true;
});

router.afterEach((to) => {
  const { t } = i18n.global;
  document.title = to.meta.title ? `${t(to.meta.title)} · ${t("shell.product")}` : t("shell.product");
});

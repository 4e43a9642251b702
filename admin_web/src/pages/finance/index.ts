import { Briefcase, Calendar, Coin, DataAnalysis, Files, Money, Present, RefreshLeft, ScaleToOriginal, Tickets, Timer, Wallet } from "@element-plus/icons-vue";

import type { Area } from "@/areas";

import words from "./words";

export const area: Area = {
  name: "finance",
  entries: [
    { path: "/finance/reports", words: "finance.reports", icon: DataAnalysis, verb: "reports.read", group: "money", order: 10 },
    { path: "/finance/days", words: "finance.days", icon: Calendar, verb: "days.read", group: "money", order: 20 },
    { path: "/finance/settlements", words: "finance.settlements", icon: Tickets, verb: "settlements.read", group: "money", order: 30 },
    { path: "/finance/remittances", words: "finance.remittances", icon: Money, verb: "settlements.read", group: "money", order: 35 },
    { path: "/finance/bills", words: "finance.bills", icon: ScaleToOriginal, verb: "bills.read", group: "money", order: 40 },
    { path: "/finance/suspense", words: "finance.suspense", icon: Files, verb: "books.read", group: "money", order: 50 },
    { path: "/finance/corrections", words: "finance.corrections", icon: RefreshLeft, verb: "payments.refund", group: "money", order: 60 },
    { path: "/finance/top-up-refunds", words: "finance.topUpRefunds", icon: Wallet, verb: "top_ups.read", group: "money", order: 65 },
    { path: "/finance/drawers", words: "finance.drawers", icon: Briefcase, verb: "drawers.work", group: "money", order: 70 },
    { path: "/finance/benefits", words: "finance.benefits", icon: Present, verb: "benefits.read", group: "money", order: 72 },
    { path: "/finance/shifts", words: "finance.shifts", icon: Timer, verb: "payments.read", group: "money", order: 75 },
    { path: "/finance/payments", words: "finance.payments", icon: Coin, verb: "reports.read", group: "money", order: 80 },
  ],
  routes: [
    { path: "/finance/reports", component: () => import("./ReportsPage.vue"), meta: { verb: "reports.read", title: "finance.reports" } },
    { path: "/finance/days", component: () => import("./DaysPage.vue"), meta: { verb: "days.read", title: "finance.days" } },
    { path: "/finance/days/:on(\\d{8})", component: () => import("./DayPage.vue"), meta: { verb: "days.read", title: "finance.days" } },
    { path: "/finance/settlements", component: () => import("./SettlementsPage.vue"), meta: { verb: "settlements.read", title: "finance.settlements" } },
    { path: "/finance/remittances", component: () => import("./RemittancesPage.vue"), meta: { verb: "settlements.read", title: "finance.remittances" } },
    { path: "/finance/bills", component: () => import("./BillsPage.vue"), meta: { verb: "bills.read", title: "finance.bills" } },
    { path: "/finance/bills/:on(\\d{8})", component: () => import("./BillDayPage.vue"), meta: { verb: "bills.read", title: "finance.bills" } },
    { path: "/finance/suspense", component: () => import("./SuspensePage.vue"), meta: { verb: "books.read", title: "finance.suspense" } },
    { path: "/finance/quarantine", component: () => import("./QuarantinePage.vue"), meta: { verb: "books.read", title: "finance.quarantine" } },
    { path: "/finance/corrections", component: () => import("./CorrectionsPage.vue"), meta: { verb: "payments.refund", title: "finance.corrections" } },
    { path: "/finance/top-up-refunds", component: () => import("./TopUpRefundsPage.vue"), meta: { verb: "top_ups.read", title: "finance.topUpRefunds" } },
    { path: "/finance/drawers", component: () => import("./DrawersPage.vue"), meta: { verb: "drawers.work", title: "finance.drawers" } },
    { path: "/finance/benefits", component: () => import("./BenefitsPage.vue"), meta: { verb: "benefits.read", title: "finance.benefits" } },
    { path: "/finance/benefits/:id(\\d+)", component: () => import("./BenefitPage.vue"), meta: { verb: "benefits.read", title: "finance.benefits" } },
    { path: "/finance/shifts", component: () => import("./ShiftsPage.vue"), meta: { verb: "payments.read", title: "finance.shifts" } },
    { path: "/finance/payments", component: () => import("./PaymentsPage.vue"), meta: { verb: "reports.read", title: "finance.payments" } },
    { path: "/finance/postings", component: () => import("./PostingsPage.vue"), meta: { verb: "books.read", title: "finance.postings" } },
    { path: "/finance/inactive-cards", component: () => import("./InactivePage.vue"), meta: { verb: "reports.read", title: "finance.inactiveCards" } },
  ],
  words,
};

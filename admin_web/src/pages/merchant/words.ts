export default {
  zh: {
    title: "商户今日", all: "全部商户", choose: "选择商户", today: "今日营业额", payments: "{n} 笔", back: "退款与冲正", net: "今日应得",
    yesterday: "昨日 {yuan}", owed: "已结算待付", rate: "佣金 {n} %", byPeriod: "按餐次", byTerminal: "按终端", seen: "上次联系：{ago}",
    paymentsTab: "消费", refundsTab: "退款", settlementsTab: "结算", none: "今天还没有消费", noPayments: "还没有消费", noRefunds: "没有退款",
    noSettlements: "还没有结算；营业日结束后自动结算。", offline: "脱机", more: "再看一些", gross: "营业额", given: "退回", kept: "佣金", toPay: "应付",
    stateOwed: "待付", stateAsked: "付款中", statePaid: "已付", waiting: "待批准", approved: "已退", rejected: "未批准", refund: "退款", void: "撤销",
    fresh: "几秒前更新，每 15 秒刷新",
  },
  en: {
    title: "Merchant today", all: "All merchants", choose: "Choose a merchant", today: "Taken today", payments: "{n} payments", back: "Given back", net: "Net today",
    yesterday: "Yesterday {yuan}", owed: "Settled, to be paid", rate: "Commission {n} %", byPeriod: "By meal period", byTerminal: "By terminal", seen: "last heard: {ago}",
    paymentsTab: "Payments", refundsTab: "Refunds", settlementsTab: "Settlements", none: "Nothing was sold today yet", noPayments: "No payments yet", noRefunds: "No refunds",
    noSettlements: "Nothing is settled yet; it is done by itself when a business day is over.", offline: "offline", more: "More", gross: "Gross", given: "Given back", kept: "Commission", toPay: "To be paid",
    stateOwed: "to be paid", stateAsked: "being paid", statePaid: "paid", waiting: "waiting", approved: "given back", rejected: "rejected", refund: "Refund", void: "Void",
    fresh: "Seconds old, read again every 15 seconds",
  },
};

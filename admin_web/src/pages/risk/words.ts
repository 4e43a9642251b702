export default {
  zh: {
    kinds: { day_spent: "单日超额", fast: "连续消费", forged: "伪造凭证", wrong_codes: "无效码过多", double_use: "重复使用", quarantined: "隔离流水", cloned_chip: "疑似复制卡", trial_worse: "试行规则拒绝多" },
    texts: {
      day_spent: "当日消费 {spent} 元，超过 {over} 元", fast: "{seconds} 秒内 {payments} 笔", forged: "终端脱机放行 {charged} 元，凭证验证不通过（{reason}）", wrong_codes: "当日无效码或假卡 {count} 次",
      double_use: "同一个码在另一台终端已付过：消费 {first}", quarantined: "流水 {sequence} 与已有记录矛盾（{reason}）", cloned_chip: "同一芯片 {seconds} 秒内在两个商户消费", trial_worse: "试行的第 {version} 版规则拒绝率比其他终端高 {points} 个百分点",
    },
    kind: "类型", what: "发现", about: "涉及", holder: "持卡人 {n}", card: "卡 {n}", terminal: "终端 {n}", payment: "消费 {n}", merchant: "商户", found: "发现时间", state: "状态", open: "待处理", closed: "已办结", inCase: "个案 {n}",
    reason: "原因", cancel: "取消", save: "保存", alert: "预警", of: "营业日",
    alerts: {
      title: "预警", lead: "后台在已入账的消费、终端报告和隔离流水里找到的、值得人看一眼的事。阈值在“设置”里改。", make: "并入新个案", chosen: "已选 {n} 条", closeOne: "不立案", closeTitle: "办结这条预警", closeText: "写明为什么不需要立案。", empty: "没有待处理的预警。", holderFilter: "持卡人学工号",
      caseTitle: "新个案", name: "标题", owner: "负责人", noOwner: "没有可以负责个案的人员",
    },
    cases: {
      title: "个案", one: "个案", lead: "一个人负责、到期要办结的风险个案。结案不动钱；要退款或撤销，另行申请并由另一人批准。", owner: "负责人", due: "期限", late: "已超期", left: "剩 {n}", opened: "立案", finding: "结论", empty: "没有个案。", mine: "我的",
      findings: { fraud: "欺诈", mistake: "差错", harmless: "无碍", unknown: "查不清" }, notes: "办案记录", addNote: "添加记录", noNotes: "还没有记录。", noteHint: "查到了什么、问了谁、看了哪段录像", alerts: "预警", handOver: "转交或改期", handTitle: "转交或改期",
      close: "结案", closeTitle: "结案", closedBy: "{who} 于 {when} 结案", openedBy: "{who} 于 {when} 立案",
    },
    disputes: {
      title: "争议", one: "争议证据", lead: "持卡人不认或系统自动存疑的消费。先看证据再决定；决定不动钱，支持后再申请退款或撤销。", charged: "金额", borne: "学校承担", said: "本人说明", automatic: "系统", contested: "提出", look: "看证据", empty: "没有待决的争议。",
      reasons: { not_me: "不是本人", wrong_amount: "金额不对", twice: "重复扣款", other: "其他", stolen_terminal: "终端失窃" }, occurred: "发生", where: "地点", terminal: "终端", skew: "时钟偏差", cashier: "收银班次", seconds: "{n} 秒", code: "生成校园码", posted: "入账", offline: "脱机", online: "联机",
      credential: "凭证", credentials: { code: "校园码", emergency: "应急码", card: "实体卡" }, sequence: "流水号", period: "餐次", nominal: "原价", discount: "优惠", fee: "费用", returned: "已退", outcome: "入账结果", reversed: "已冲正", first: "该码先前用于消费 {n}",
      sameHolder: "本人前后 10 分钟的消费", sameTerminal: "同一终端前后的流水", none: "没有", alerts: "相关预警", decide: "决定", uphold: "支持持卡人", refuse: "不支持", upholdTitle: "支持持卡人", refuseTitle: "不支持持卡人", decideText: "持卡人会看到您写的说明。", note: "说明",
      remedy: "已支持。请申请{kind}：消费 {payment}，{amount} 元。", kinds: { refund: "退款", void: "撤销" }, decided: "已决定", by: "提出于", seenByHolder: "持卡人会看到有人查阅了这笔争议。",
    },
  },
  en: {
    kinds: { day_spent: "Much in a day", fast: "Many at once", forged: "Forged", wrong_codes: "Many wrong codes", double_use: "Used twice", quarantined: "Quarantined", cloned_chip: "Cloned chip", trial_worse: "Rules on trial refuse more" },
    texts: {
      day_spent: "Spent {spent} yuan in the day, more than {over}", fast: "{payments} payments in {seconds} s", forged: "A terminal approved {charged} yuan alone; it does not verify ({reason})", wrong_codes: "{count} forged codes or chips in the day",
      double_use: "The code had paid elsewhere: payment {first}", quarantined: "Record {sequence} contradicts what stands ({reason})", cloned_chip: "One chip at two merchants within {seconds} s", trial_worse: "Rules {version} on trial refuse {points} points more than the other terminals",
    },
    kind: "Kind", what: "What", about: "About", holder: "Holder {n}", card: "Card {n}", terminal: "Terminal {n}", payment: "Payment {n}", merchant: "Merchant", found: "Found", state: "State", open: "Open", closed: "Closed", inCase: "Case {n}",
    reason: "Reason", cancel: "Cancel", save: "Save", alert: "Alert", of: "Business day",
    alerts: {
      title: "Alerts", lead: "What the worker found in payments, terminals' reports and quarantine that a person should look at. The numbers are under Settings.", make: "Make a case", chosen: "{n} chosen", closeOne: "No case", closeTitle: "Close this alert", closeText: "Say why it needs no case.", empty: "Nothing waits.", holderFilter: "A holder's number",
      caseTitle: "New case", name: "Title", owner: "Owner", noOwner: "Nobody may own a case",
    },
    cases: {
      title: "Cases", one: "Case", lead: "Each has one owner and a day. Closing moves no money; a refund or void is asked for and approved by two.", owner: "Owner", due: "Due", late: "Late", left: "{n} left", opened: "Opened", finding: "Finding", empty: "No cases.", mine: "Mine",
      findings: { fraud: "Fraud", mistake: "Mistake", harmless: "Harmless", unknown: "Not cleared up" }, notes: "Notes", addNote: "Add a note", noNotes: "No notes yet.", noteHint: "What was found, who was asked, which recording was seen", alerts: "Alerts", handOver: "Hand over or move the day", handTitle: "Hand over or move the day",
      close: "Close", closeTitle: "Close the case", closedBy: "Closed by {who}, {when}", openedBy: "Opened by {who}, {when}",
    },
    disputes: {
      title: "Disputes", one: "Evidence", lead: "Payments that holders contest, or that the books doubt themselves. Look at the evidence, then decide; no money moves by it.", charged: "Amount", borne: "Borne by school", said: "What was said", automatic: "By itself", contested: "Contested", look: "Evidence", empty: "No dispute waits.",
      reasons: { not_me: "Not me", wrong_amount: "Wrong amount", twice: "Charged twice", other: "Other", stolen_terminal: "Stolen terminal" }, occurred: "Happened", where: "Where", terminal: "Terminal", skew: "Clock off by", cashier: "Cashier\'s shift", seconds: "{n} s", code: "Code was made", posted: "Posted", offline: "Offline", online: "Online",
      credential: "Credential", credentials: { code: "Campus code", emergency: "Emergency code", card: "Chip" }, sequence: "Sequence", period: "Period", nominal: "Nominal", discount: "Discount", fee: "Fee", returned: "Returned", outcome: "Outcome", reversed: "Reversed", first: "The code had paid before: payment {n}",
      sameHolder: "The holder's payments within 10 minutes", sameTerminal: "The terminal's records around it", none: "None", alerts: "Alerts about it", decide: "Decide", uphold: "Holder is right", refuse: "Holder is not right", upholdTitle: "The holder is right", refuseTitle: "The holder is not right", decideText: "The holder reads what you write.", note: "Note",
      remedy: "Upheld. Now ask for a {kind}: payment {payment}, {amount} yuan.", kinds: { refund: "refund", void: "void" }, decided: "Decided", by: "Contested at", seenByHolder: "The holder sees that somebody looked into it.",
    },
  },
};

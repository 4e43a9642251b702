export default {
  at: "时间", by: "操作人", reason: "原因", state: "状态", name: "名称", none: "无", everywhere: "全校", nowhere: "未指定地点",
  edit: "修改", end: "结束", save: "保存", cancel: "取消", since: "起", until: "止", copied: "已复制", copy: "复制", shownOnce: "只显示这一次，请立即保存。",
  machine: {
    title: "运行状况", lead: "数据库、总线、后台任务与磁盘此刻的情况；每 15 秒更新。", database: "数据库", answered: "{n} 毫秒应答",
    bus: "消息总线", well: "正常", down: "不可用", worker: "后台任务", leads: "有主", nobody: "无主", nobodyText: "没有进程在按时办事：结算、消息、密钥轮换都停了。",
    disk: "磁盘可用", ofDisk: "共 {n}", migration: "表结构", python: "Python", connected: "本进程已连接终端", queues: "等待中的事", waiting: "等待", oldest: "最早一件",
    jobs: "定时任务", job: "任务", every: "间隔", ran: "上次运行", took: "用时", told: "结果", fault: "最近的故障", failures: "累计故障", run: "立即运行", asked: "已要求运行",
    runTitle: "立即运行“{name}”", runText: "后台会在几秒内运行一次；任务都可以重复运行。", noJobs: "后台还没有运行过。", untroubled: "没有故障",
  },
  queue: { outbox: "待发消息", refunds: "待办充值退款", corrections: "待批退款与撤销", disputes: "待决争议", quarantine: "隔离流水", unsealed: "待封存审计行" },
  job: {
    "roll up": "汇总", settle: "结算", "post benefits": "发放补助", "note entries": "记账消息", "note decisions": "答复消息", "note low balances": "余额提醒", "send messages": "发送消息",
    "do refunds": "办理退款", "ask about orders": "查询订单", "fetch bills": "下载对账单", "give back": "退还多付", ship: "发货信息", "seal audits": "封存审计",
    "watch risk": "风险监测", "open epochs": "密钥轮换", "open chip kinds": "芯片密钥", "expire secrets": "清理密钥", "expire passages": "清理通行",
  },
  outbox: {
    title: "消息", lead: "发给持卡人与家长的消息：走到哪一步，为什么没发出。不显示内容和收件人。", topic: "事由", template: "种类", channel: "渠道", fault: "原因", tries: "次数",
    made: "生成", due: "下次", done: "完成", retry: "重发", retryTitle: "重新发送", empty: "还没有消息。",
    states: { waiting: "等待", sent: "已发", refused: "对方不收", dropped: "死信" }, channels: { wechat: "微信", sms: "短信", mail: "邮件" },
  },
  audits: {
    title: "审计记录", lead: "谁在什么时候对什么做了什么。每一行都封进带密钥的哈希链，改动、删除都会被发现。", actor: "操作人", verb: "操作", subject: "对象", detail: "详情",
    verbHint: "操作，如 cards", actorHint: "操作人，如 staff:3", subjectHint: "对象，如 card:71", prove: "验证", proving: "正在验证 {n} / {all}", holds: "完整：{n} 行与封存时一致",
    broken: "发现 {n} 处问题", head: "链的末端", headText: "抄下末端并另存，日后可证明末尾没有被截断。", known: "核对以前抄下的末端（编号:哈希）", badKnown: "应为 编号:哈希", stop: "停止", never: "本页尚未验证", empty: "还没有记录。",
  },
  staff: {
    number: "编号",
    title: "工作人员", lead: "谁在这里工作，担任什么。一个人可以有几项任职，每项限于全校、一处地点或一个商户。", login: "登录名", person: "姓名", roles: "任职", active: "在岗", gone: "已停用",
    add: "添加", addTitle: "添加工作人员", password: "初始密码", passwordHint: "至少 10 个字符", role: "角色", where: "范围", merchant: "商户", appoint: "增加任职", appointTitle: "给 {name} 增加任职",
    endRole: "结束这项任职", endRoleTitle: "结束 {name} 的“{role}”", remove: "停用", removeTitle: "停用 {name}", removeText: "其登录立即失效，不能恢复。", unlock: "解除锁定", factor: "申请重置验证器",
    factorTitle: "为 {name} 申请重置验证器", factorText: "须由另一位管理员批准；批准后旧验证器、恢复码和所有登录一起作废。", scan: "请本人用验证器应用扫描", scanText: "请本人当面用验证器应用添加。", empty: "没有工作人员。",
    self: "不能给自己增加任职，须由另一位管理员办理。",
  },
  places: {
    title: "地点", lead: "校区 → 食堂 → 窗口。只有一个校区的学校可以不建。商户挂在地点上，限于地点的人员只看得到其下的商户、终端、消费与结算。",
    kinds: { campus: "校区", canteen: "食堂", window: "窗口" }, addCampus: "添加校区", addIn: "在此添加{kind}", addTitle: "添加{kind}", rename: "改名", move: "移到", close: "撤销", closeTitle: "撤销“{name}”", closeText: "只有空的地点可以撤销。",
    merchants: "商户所在", merchant: "商户", stands: "所在", moveMerchant: "移动", moveTitle: "移动“{name}”", empty: "还没有地点。只有一个校区、不需要分权的学校不必建立。", parent: "上级", changeTitle: "修改“{name}”",
  },
  logins: {
    title: "登录与锁定", lead: "谁登录着，谁被锁在外面，谁在申请新的验证器。", sessions: "登录中", lockouts: "登录失败", resets: "重置验证器", person: "人员", opened: "登录于", expires: "到期", from: "来自", endTitle: "结束 {name} 的这次登录", endText: "对方须重新登录。",
    failures: "连续失败", locked: "锁定至", unlock: "解除", unlockTitle: "解除 {name} 的锁定", noLockouts: "没有登录失败。", noSessions: "没有人登录。", asked: "申请", approve: "批准", reject: "驳回", approveTitle: "批准重置", approveText: "请本人在场：批准后显示一次新的验证器地址，旧的立即作废。",
    rejectTitle: "驳回重置", noResets: "没有申请。", states: { waiting: "待批准", approved: "已批准", rejected: "已驳回" }, twoPeople: "须由另一人批准", attempts: "查看登录失败与限流记录", newFactor: "新的验证器",
  },
  settings: {
    title: "设置", lead: "运行中可以改的数字，每次修改都留下前后值、操作人和原因。价格、限额与餐次属于签名的规则，在规则里发布。", setting: "设置", value: "现值", default: "默认", bounds: "范围", change: "修改", changeTitle: "修改设置", history: "修改记录", before: "原值", after: "新值", noHistory: "还没有改过。",
    features: "功能开关", featuresLead: "逐步开放：先一个校区、一个终端组，再全校。没有设置的地方跟随上级；全校默认开放。", feature: "功能", group: "终端组", allGroups: "所有组", on: "开放", off: "关闭", follow: "跟随上级", add: "设置开关", where: "地点",
    switchTitle: "设置功能开关", defaultOn: "未设置，开放", changedBy: "{who} 于 {when}",
    names: { kiosk_visits: "自助机服务", top_ups: "微信充值", invitations: "亲友代充", disputes: "手机申诉" },
  },
  tokens: {
    title: "API 令牌", lead: "学校自己的程序（数据大屏、数据中台）凭令牌读取。令牌只能读，读不到人员资料、审计与登录。", add: "新建令牌", addTitle: "新建令牌", verbs: "可读", place: "范围", days: "有效天数", expires: "到期", used: "最近使用", made: "创建",
    endTitle: "作废“{name}”", endText: "使用它的程序立即读不到数据。", states: { live: "有效", ended: "已作废", expired: "已过期" }, newToken: "新令牌", empty: "还没有令牌。", how: "程序在请求头中发送 Authorization: Bearer 令牌。",
  },
  notices: {
    title: "公告", lead: "在大厅自助机上给所有人看的通知，中英文都要写。", add: "发布公告", title_zh: "中文标题", title_en: "英文标题", text_zh: "中文内容", text_en: "英文内容", opens: "开始", closes: "结束", endTitle: "撤下“{name}”", endText: "立即从所有自助机撤下。",
    states: { coming: "未到时间", shown: "展示中", over: "已结束" }, empty: "没有公告。", span: "展示时间",
  },
  access: {
    title: "我的登录", lead: "您在哪里登录着，以及手机丢失时用的恢复码。", sessions: "我的登录", here: "本次登录", endTitle: "结束这次登录", codes: "恢复码", codesText: "验证器不在手边时，每个恢复码可以代替动态码登录一次。",
    left: "还剩 {n} 个，{when}生成", never: "还没有恢复码。手机一旦丢失，就要请两位管理员为您重置。", make: "生成新的恢复码", again: "重新生成（旧的作废）", totp: "动态码", totpHint: "输入验证器上现在的 6 位数字", print: "打印", made: "您的恢复码", few: "恢复码快用完了",
  },
};

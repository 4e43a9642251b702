export default {
  shell: {
    product: "校码", subtitle: "校园卡管理", signIn: "登录", signOut: "退出登录", login: "登录名", password: "密码",
    totp: "动态码", totpHint: "验证器应用里的 6 位数字", recovery: "恢复码", recoveryHint: "您保存的 10 位恢复码", useRecovery: "验证器不在手边？用恢复码", useTotp: "用动态码登录", over: "登录已到期", overText: "请重新登录，页面上的内容会留着。",
    language: "English", light: "浅色", dark: "深色", followSystem: "跟随系统", go: "跳转到…", goHint: "输入页面名称，按回车",
    menu: "菜单", nothing: "没有找到", broken: "页面出错：{what}", retry: "重试", notFound: "没有这个页面",
    notFoundText: "地址可能写错了，或者您没有这项权限。", home: "首页", signedInAs: "{name} · {role}", skip: "跳到正文",
  },
  role: {
    admin: "系统管理员", finance: "财务", card_office: "卡务", help_desk: "服务台", cashier: "收银", auditor: "审计",
  },
  list: {
    filter: "筛选", reset: "清除", more: "下一页", back: "上一页", first: "回到第一页", empty: "没有符合条件的记录",
    place: "地点", everywhere: "全部地点", progress: "进度", doneOf: "{done} / {total}", secondsLeft: "约还需 {n}",
    askFile: "申请导出", askFileText: "共 {rows} 行个人信息，须由另一人批准后下载一次。", askFileVerb: "提交申请", fileAsked: "已提交，等另一人批准",
    emptyText: "换个条件，或者清除筛选再看。", export: "导出", csv: "CSV 表格", xlsx: "Excel 表格", views: "常用视图",
    saveView: "保存当前条件", viewName: "视图名称", noViews: "还没有保存的视图", removeView: "删除这个视图", rows: "本页 {n} 条",
    loading: "正在读取", reload: "刷新", all: "全部", from: "起", until: "止", page: "第 {n} 页",
  },
  ask: {
    reason: "原因", reasonHint: "写进审计记录，本人也可能看到", confirm: "确认", cancel: "取消", required: "请填写",
    done: "已完成", tooLong: "最多 {n} 个字",
  },
  unit: { yuan: "元", never: "从未", ago: "{n} 前", seconds: "{n} 秒", minutes: "{n} 分钟", hours: "{n} 小时", days: "{n} 天" },
  group: { run: "运行", people: "人与卡", money: "资金", guard: "风险", system: "系统" },
};

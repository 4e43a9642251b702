export default {
  zh: {
    title: "门禁时段", lead: "哪些区域、什么时段、对谁开放。发布后几秒内到达每扇门。", none: "还没有发布门禁规则，从添加区域开始。", published: "第 {n} 版，{by} 于 {at} 发布", zones: "区域", zoneNumber: "区域编号", newZone: "添加区域", zh: "中文名", en: "英文名",
    week: "一周开放时段", weekHint: "点空白处添加时段，点色块修改。法定节假日按“节假日”一行。", days: { 1: "周一", 2: "周二", 3: "周三", 4: "周四", 5: "周五", 6: "周六", 7: "周日", 0: "节假日" },
    opening: "开放时段", forGranted: "特许人员", classes: "卡类", who: "对谁开放", onDays: "日子", from: "从", until: "到", removeOpening: "删除时段", removeZone: "删除区域", pickOpening: "选中一个时段再修改", noOpening: "这个区域还没有开放时段：谁也进不去。",
    fault: { nobody: "没有选对谁开放", no_day: "没有选日子", ends_early: "结束早于开始" }, emergency: "受理应急码", lockdown: "封锁时仍可进入的卡类", doors: "门", door: "门", newDoor: "把终端设为门", zone: "区域", fails: "断电时", failsWord: { safe: "打开", secure: "关闭" },
    passback: "反潜回", passbackWord: { off: "不检查", soft: "放行并记录", hard: "拒绝" }, forget: "多久后忘记（分钟）", unlock: "开锁（秒）", stale: "离线多久后不再开门（小时，0 不限）", remove: "删除", noDoors: "还没有门", calendar: "特殊日子", calendarHint: "节假日，或调休上班的日子。", day: "日期", as: "按", addDay: "添加日子", noDays: "没有特殊日子",
    publish: "发布", publishTitle: "发布门禁规则", publishText: "立即送到所有门。有人正在里面的区域，改动只影响下一次刷码。", unsaved: "有未发布的改动", reset: "放弃改动", add: "添加", choose: "请选择", reader: "只读",
  },
  en: {
    title: "Door hours", lead: "Which zones open when, and to whom. Every door has it seconds after it is published.", none: "No door rules are published yet: begin with a zone.", published: "version {n}, published by {by} at {at}", zones: "Zones", zoneNumber: "Number", newZone: "Add a zone", zh: "Chinese", en: "English",
    week: "The week", weekHint: "Click an empty place to add an opening, click a bar to change it. Holidays follow the last row.", days: { 1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat", 7: "Sun", 0: "Holiday" },
    opening: "Opening", forGranted: "granted by name", classes: "Classes", who: "For whom", onDays: "Days", from: "From", until: "Until", removeOpening: "Remove the opening", removeZone: "Remove the zone", pickOpening: "Pick an opening to change it", noOpening: "This zone has no opening: nobody gets in.",
    fault: { nobody: "for nobody", no_day: "on no day", ends_early: "ends before it begins" }, emergency: "Takes emergency codes", lockdown: "Classes let in during a lockdown", doors: "Doors", door: "Door", newDoor: "Make a terminal a door", zone: "Zone", fails: "Without power", failsWord: { safe: "opens", secure: "stays shut" },
    passback: "Passback", passbackWord: { off: "not checked", soft: "let in and flagged", hard: "refused" }, forget: "Forgotten after (min)", unlock: "Unlocked for (s)", stale: "Opens to no code when offline for (h, 0: goes on)", remove: "Remove", noDoors: "There is no door yet", calendar: "Special days", calendarHint: "Holidays, and weekends that are worked.", day: "Day", as: "Counts as", addDay: "Add a day", noDays: "No special days",
    publish: "Publish", publishTitle: "Publish the door rules", publishText: "Every door is told at once.", unsaved: "Not published yet", reset: "Undo the changes", add: "Add", choose: "Please choose", reader: "Read only",
  },
};

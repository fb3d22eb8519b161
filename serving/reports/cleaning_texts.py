"""The words of the cleaning report in English and Chinese, and our columns, repairs and reasons as people call them."""

from __future__ import annotations

import re

_PLACE = {"en": 0, "zh": 1}

TEXTS: dict[str, tuple[str, str]] = {
    "title": ("Cleaning report", "数据清洗报告"),
    "lead": ("Where every received row of {name} went.", "{name} 收到的每一行数据的去向。"),
    "made": ("Made on {time}", "生成于 {time}"),
    "zone": ("times in {zone}", "时间按 {zone}"),
    "received": ("Received", "收到"),
    "kept": ("Kept", "保留"),
    "known": ("Known", "已有"),
    "duplicate": ("Duplicate", "重复"),
    "excluded": ("Left out", "排除"),
    "quarantined": ("Refused", "拒收"),
    "means_received": ("rows from {sources}, {files}", "行，来自{sources}、{files}"),
    "means_kept": ("{share} of what was received", "占收到行数的 {share}"),
    "means_quarantined": ("{share}, in quarantine with its reasons", "{share}，已隔离并注明原因"),
    "means_left": (
        "known {known}, duplicate {duplicate}, left out {excluded}",
        "已有 {known}，重复 {duplicate}，排除 {excluded}",
    ),
    "means_repairs": ("kinds of repair in the rows kept: {kinds}", "保留的行中共 {kinds} 类修正"),
    "left": ("Not taken again", "未重复收录"),
    "repairs": ("Values put right", "修正的值"),
    "one_source": ("one source", "1 个来源"),
    "some_sources": ("{count} sources", "{count} 个来源"),
    "one_file": ("one file", "1 个文件"),
    "some_files": ("{count} files", "{count} 个文件"),
    "accounts": ("Where every row went", "每一行的去向"),
    "sum": ("received = kept + known + duplicate + left out + refused", "收到 = 保留 + 已有 + 重复 + 排除 + 拒收"),
    "adds_up": ("Adds up", "账目相符"),
    "adds_not": ("Does not add up", "账目不符"),
    "thin": (
        "Parts too small to see are drawn wider than they are; the figures count.",
        "过小的部分略加宽以便看见，以数字为准。",
    ),
    "source": ("Source", "来源"),
    "together": ("All together", "合计"),
    "refused": ("What was refused, and why", "拒收的行及原因"),
    "refused_none": ("No row was refused.", "没有被拒收的行。"),
    "refused_note": ("Row numbers only: this page holds no value of any row.", "仅列行号：本页不含任何一行的内容。"),
    "reason": ("Reason", "原因"),
    "rows": ("Rows", "行数"),
    "where": ("Row of the file", "文件中的行"),
    "mends": ("What mends it", "如何处理"),
    "and_more": ("and {count} more", "另有 {count} 行"),
    "mended": ("What was put right", "已修正的内容"),
    "mended_note": ("In the rows kept, by table; a row can have several.", "指保留的行，按数据表统计；一行可有多处。"),
    "mended_none": ("Nothing had to be put right.", "没有需要修正的内容。"),
    "complete": ("How complete the tables are", "数据表的完整程度"),
    "complete_note": ("Share of rows in which a column holds nothing.", "各列为空的行所占比例。"),
    "full": ("Nothing missing in {count} more: {names}", "另有 {count} 列没有空值：{names}"),
    "nothing_in": ("Never given: {names}", "从未提供：{names}"),
    "all_full": ("Nothing missing in any of its {count} columns: {names}", "全部 {count} 列均无空值：{names}"),
    "rows_of": ("{count} rows", "{count} 行"),
    "span": ("{first} to {last}", "{first} 至 {last}"),
    "months": ("{count} months", "{count} 个月"),
    "days": ("{count} days", "{count} 天"),
    "next": ("What to do next", "下一步"),
    "next_look": (
        "Look at the {count} refused rows, row by row, with what led to each.",
        "逐行查看 {count} 行被拒收的数据及原因。",
    ),
    "next_excel": (
        "Or take them into a spreadsheet, mend them there and collect the file.",
        "或导出到表格软件中更正后重新收集。",
    ),
    "next_retry": (
        "Mend the mapping, see what it would change, then leave out --preview.",
        "修改映射，先预览效果，再去掉 --preview 正式执行。",
    ),
    "next_ready": ("See what the data is enough for, before training.", "训练之前，查看数据足够支持哪些模型。"),
    "next_run": ("Train, score and publish what is out of date.", "训练、评分并发布需要更新的部分。"),
    "next_collect": ("Collect the first file.", "收集第一个文件。"),
    "empty": ("Nothing was received yet.", "尚未收到任何数据。"),
    "interactions": ("Interactions", "互动记录"),
    "customers": ("Customers", "客户"),
    "orders": ("Orders", "订单"),
    "surveys": ("Surveys", "问卷"),
    "volume_history": ("Volume history", "历史联系量"),
}

_COLUMNS = {
    "interaction_id": "记录编号", "customer_id": "客户编号", "occurred_at": "发生时间", "channel": "渠道",
    "direction": "方向", "kind": "类别", "content": "内容", "duration": "时长", "wait": "等待时长", "outcome": "结果",
    "responded_at": "答复时间", "response_content": "答复内容", "resolved_at": "解决时间", "reopened": "重新打开",
    "satisfaction": "满意度", "rated_at": "评价时间", "agent_id": "客服编号", "is_automated": "自动消息",
    "name": "姓名", "email": "邮箱", "phone": "电话", "gender": "性别", "birth_year": "出生年份", "country": "国家",
    "region": "省份", "city": "城市", "latitude": "纬度", "longitude": "经度", "owner": "客户经理", "income": "年收入",
    "joined_at": "加入时间", "left_at": "离开时间", "marketing_consent": "营销许可", "do_not_profile": "禁止画像",
    "order_line_id": "订单行号", "order_id": "订单号", "ordered_at": "下单时间", "amount": "金额", "currency": "币种",
    "product": "产品", "quantity": "数量", "status": "状态", "payment_method": "付款方式", "response_id": "答卷编号",
    "answered_at": "答卷时间", "topic": "主题", "importance": "重要度", "comment": "意见", "period_start": "时段开始",
    "period_minutes": "时段分钟数", "count": "次数", "known_at": "获知时间",
}  # fmt: skip

# A repair's or reason's words after the column's name, whole or as a pattern, in Chinese.
_PHRASES: tuple[tuple[str, str], ...] = (
    (r"blank to null", "空白改为未知"),
    (r"id trimmed/width-normalised", "编号去空格、全角转半角"),
    (r"missing to default", "缺失改为默认值"),
    (r"date format (\d+)", r"日期按第 \1 种写法"),
    (r"iso date", "日期按标准写法"),
    (r"minutes to ms", "分钟换算为毫秒"),
    (r"hours to ms", "小时换算为毫秒"),
    (r"seconds", "按秒换算"),
    (r"milliseconds", "按毫秒换算"),
    (r"clock to ms", "时分秒换算为毫秒"),
    (r"own unit", "按自带单位换算"),
    (r"personal data masked", "遮盖个人信息"),
    (r"unknown word to other", "不明词归入其他"),
    (r"word to vocabulary", "用词统一"),
    (r"unknown word", "不明词"),
    (r"missing", "缺失"),
    (r"not a date", "不是日期"),
    (r"in the future", "在未来"),
    (r"out of range", "超出范围"),
    (r"negative", "为负"),
    (r"not a number", "不是数字"),
    (r"not a whole number", "不是整数"),
    (r"not yes or no", "无法判断是否"),
)
_WHOLE = {
    "answered before asked": "答复早于提问",
    "resolved before asked": "解决早于提问",
    "rated before asked": "评价早于提问",
    "left before joined": "离开早于加入",
    "broken line": "行已损坏",
    "near duplicate": "近似重复（计入重复）",
    "amount without rate": "金额缺少汇率",
}
_WHOLE_ENGLISH = {"near duplicate": "near duplicate (counted as duplicate)"}


def text(name: str, /, language: str, **filled: object) -> str:
    """One text of the page, its {places} filled in."""
    return TEXTS[name][_PLACE[language]].format(**filled)


def column_name(name: str, language: str) -> str:
    """One of our columns as people call it; durations without their unit."""
    short = name.removesuffix("_ms")
    return short if language == "en" else _COLUMNS.get(short, short)


def phrase(said: str, language: str) -> str:
    """A repair or reason in the reader's language; one that isn't known stays as it is."""
    if language == "en":
        return _WHOLE_ENGLISH.get(said, said)
    if said in _WHOLE:
        return _WHOLE[said]
    column, _, rest = said.partition(": ") if ": " in said else said.partition(" ")
    for pattern, chinese in _PHRASES:
        if column in _COLUMNS and re.fullmatch(pattern, rest):
            return f"{_COLUMNS[column]}{'：' if ': ' in said else ''}{re.sub(pattern, chinese, rest)}"
    return said


def reasons(said: str, language: str) -> str:
    """Reasons joined by "; ", each in the reader's language."""
    return ("；" if language == "zh" else "; ").join(phrase(one, language) for one in said.split("; "))

"""Received columns matched to ours by name, in English and Chinese, where no mapping file is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from interactions.sources.mapping import Rule, TableMapping, targets
from workspace.errors import MappingError
from workspace.tables import TABLES

# Names other than our own, most usual first; compared without blanks, underscores, case and full-width forms.
SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "interactions": {
        "interaction_id": (
            "沟通ID", "沟通编号", "记录ID", "记录编号", "工单号", "工单编号", "工单ID", "会话ID", "会话编号",
            "通话ID", "流水号", "contact id", "ticket id", "ticket number", "case id", "case number",
            "call id", "conversation id", "message id", "activity id", "id",
        ),
        "customer_id": (
            "客户ID", "客户编号", "客户号", "用户ID", "用户编号", "会员ID", "会员号", "顾客编号", "顾客ID",
            "customer", "client id", "user id", "member id", "account id", "cust id", "customer number",
            "customer no", "contact",
        ),
        "occurred_at": (
            "沟通时间", "联系时间", "发生时间", "来电时间", "通话时间", "咨询时间", "创建时间", "开始时间",
            "时间", "日期", "沟通日期", "timestamp", "datetime", "date time", "time", "date", "created at",
            "created", "created date", "start time", "started at", "contact time", "contact date",
            "interaction date", "interaction time", "call time", "call date", "opened at",
        ),
        "channel": (
            "沟通类型", "沟通渠道", "沟通方式", "渠道", "联系方式类型", "联系渠道", "来源渠道", "接触渠道",
            "类型渠道", "channel name", "contact channel", "medium", "interaction type", "contact type",
            "communication type",
        ),
        "direction": ("方向", "呼叫方向", "通话方向", "呼入呼出", "call direction", "in out", "inbound outbound"),
        "kind": (
            "类别", "问题类型", "业务类型", "事项", "工单类型", "咨询类型", "沟通目的", "分类", "诉求类型",
            "type", "category", "topic", "reason", "subject", "issue type", "purpose", "case type",
        ),
        "content": (
            "沟通内容", "内容", "消息", "消息内容", "留言", "正文", "描述", "备注", "客户留言", "对话内容",
            "message", "text", "body", "description", "note", "notes", "remarks", "customer remarks",
            "comment", "transcript",
        ),
        "duration_ms": (
            "通话时长", "时长", "服务时长", "沟通时长", "处理时长", "talk time", "call duration",
            "handle time", "handling time", "service time", "length",
        ),
        "wait_ms": (
            "等待时长", "等待时间", "排队时长", "排队时间", "wait time", "queue time", "hold time",
            "waiting time",
        ),
        "outcome": ("结果", "沟通结果", "处理结果", "接听状态", "状态", "result", "status", "disposition"),
        "responded_at": (
            "响应时间", "回复时间", "首次响应时间", "首次回复时间", "应答时间", "first response at",
            "first response time", "response time", "answered at", "replied at", "responded",
        ),
        "response_content": ("回复内容", "答复", "客服回复", "答复内容", "response", "reply", "answer"),
        "resolved_at": (
            "解决时间", "完成时间", "关闭时间", "结单时间", "resolved", "closed at", "closed date",
            "solved at", "resolution time",
        ),
        "reopened": ("重新打开", "是否重开", "重开", "is reopened", "reopen"),
        "satisfaction": (
            "满意度", "评分", "满意度评分", "客户评分", "评价", "csat", "csat score", "rating", "score",
            "satisfaction score", "stars",
        ),
        "rated_at": ("评价时间", "评分时间", "rating time", "survey date", "rating date"),
        "agent_id": (
            "客服", "坐席", "座席", "客服工号", "坐席工号", "工号", "客服人员", "处理人", "agent",
            "agent name", "operator", "server", "representative", "handled by", "assigned to",
        ),
        "is_automated": ("是否自动", "自动回复", "机器人", "automated", "auto", "is bot", "bot", "automatic"),
    },
    "customers": {
        "customer_id": (
            "客户ID", "客户编号", "客户号", "用户ID", "用户编号", "会员ID", "会员号", "顾客编号", "编号",
            "customer", "client id", "user id", "member id", "account id", "cust id", "customer number",
            "customer no", "id",
        ),
        "name": ("姓名", "客户姓名", "客户名称", "名称", "名字", "full name", "customer name", "client name"),
        "email": ("邮箱", "电子邮箱", "邮件", "电子邮件", "e-mail", "mail", "email address"),
        "phone": (
            "电话", "手机", "手机号", "手机号码", "联系电话", "电话号码", "mobile", "telephone",
            "phone number", "tel", "cell",
        ),
        "gender": ("性别", "sex"),
        "birth_year": ("出生年", "出生年份", "year of birth", "born", "yob"),
        "country": ("国家", "国家地区", "nation", "country code"),
        "region": ("省份", "省", "地区", "区域", "大区", "province", "state", "area", "county"),
        "city": ("城市", "所在城市", "市", "town"),
        "latitude": ("纬度", "lat"),
        "longitude": ("经度", "lng", "lon", "long"),
        "owner": (
            "负责人", "销售", "销售代表", "客户经理", "业务员", "归属人", "跟进人", "sales rep", "rep",
            "account manager", "account owner",
        ),
        "income": ("收入", "年收入", "annual income", "yearly income", "salary"),
        "joined_at": (
            "注册时间", "注册日期", "加入时间", "开户时间", "入会时间", "创建时间", "成为客户时间",
            "signup date", "sign up date", "registered at", "registration date", "created at", "created",
            "join date", "customer since", "joined", "start date",
        ),
        "left_at": (
            "流失时间", "离开时间", "注销时间", "销户时间", "退会时间", "churned at", "closed at",
            "cancelled at", "end date", "left",
        ),
        "marketing_consent": (
            "营销同意", "接受营销", "同意营销", "opt in", "marketing opt in", "newsletter", "consent",
        ),
        "do_not_profile": (
            "禁止画像", "不做画像", "拒绝画像", "no profiling", "opt out of profiling", "profiling opt out",
        ),
    },
    "orders": {
        "order_line_id": (
            "订单行ID", "订单明细ID", "明细编号", "行号ID", "line id", "order item id", "item id",
            "transaction id",
        ),
        "order_id": (
            "订单号", "订单ID", "订单编号", "order", "order number", "order no", "invoice", "invoice no",
            "invoice number",
        ),
        "customer_id": (
            "客户ID", "客户编号", "客户号", "用户ID", "用户编号", "会员ID", "会员号", "顾客编号", "买家ID",
            "customer", "client id", "user id", "member id", "account id", "cust id", "customer number",
            "customer no",
        ),
        "ordered_at": (
            "下单时间", "订单时间", "下单日期", "订单日期", "购买时间", "购买日期", "支付时间", "成交时间",
            "order date", "order time", "purchase date", "invoice date", "date", "timestamp", "created at",
            "bought at",
        ),
        "amount": (
            "金额", "订单金额", "实付金额", "成交金额", "消费金额", "总价", "总金额", "价格", "total",
            "order amount", "total amount", "price", "revenue", "value", "dollar value", "order value", "paid",
        ),
        "currency": ("币种", "货币", "currency code"),
        "product": (
            "商品", "商品名称", "产品", "产品名称", "品名", "item", "product name", "sku", "stock code",
            "description",
        ),
        "quantity": ("数量", "件数", "qty", "units", "pieces", "number of cds"),
        "status": ("订单状态", "状态", "order status", "state"),
        "payment_method": ("支付方式", "付款方式", "payment", "payment type", "paid by"),
    },
    "surveys": {
        "response_id": ("答卷ID", "答卷编号", "问卷ID", "回复ID", "answer id", "survey id", "id"),
        "customer_id": (
            "客户ID", "客户编号", "客户号", "用户ID", "用户编号", "会员ID", "会员号", "顾客编号", "customer",
            "client id", "user id", "member id", "respondent", "respondent id",
        ),
        "answered_at": (
            "填写时间", "答卷时间", "提交时间", "调查时间", "回答时间", "日期", "时间", "submitted at", "date",
            "timestamp", "response date", "survey date",
        ),
        "topic": ("主题", "问题", "题目", "维度", "调查项", "question", "item", "dimension", "aspect"),
        "importance": ("重要性", "重要程度", "重要度", "importance score"),
        "satisfaction": ("满意度", "满意程度", "评分", "rating", "score", "satisfaction score"),
        "comment": ("意见", "评论", "建议", "备注", "留言", "comments", "text", "feedback", "remarks"),
    },
    "volume_history": {
        "period_start": (
            "时段", "开始时间", "日期", "时间", "时段开始", "date", "datetime", "timestamp", "start", "period",
            "time", "day", "ds",
        ),
        "channel": ("渠道", "沟通类型", "沟通渠道", "queue", "skill", "unique id"),
        "period_minutes": ("时段分钟", "时段长度", "interval minutes", "minutes"),
        "count": (
            "数量", "来电量", "话务量", "联系量", "接触量", "次数", "calls", "contacts", "volume",
            "number of calls", "offered", "y",
        ),
    },
}  # fmt: skip

_UNIT_AT_END = re.compile(r"(milliseconds|毫秒|ms|seconds|secs|sec|秒|minutes|mins|min|分钟|分|hours|hour|小时|s|h)$")
_UNIT_WORDS = {
    "ms": ("milliseconds", "毫秒", "ms"),
    "s": ("seconds", "secs", "sec", "秒", "s"),
    "min": ("minutes", "mins", "min", "分钟", "分"),
    "h": ("hours", "hour", "小时", "h"),
}
_DURATIONS = ("duration_ms", "wait_ms")


def match(columns: Sequence[str], table: str, file: str) -> TableMapping:
    """The mapping that the names of `columns` suggest for `table`.

    Raises MappingError when a column that the table can't do without is not recognised.
    """
    taken: set[str] = set()
    rules: dict[str, Rule] = {}
    for target in targets(table):
        found = _find(target, SYNONYMS[table].get(target, ()), columns, taken)
        if found is not None:
            name, unit = found
            taken.add(name)
            rules[target] = Rule.model_validate({"column": [name], "unit": unit})
    for needed in REQUIRED[table]:
        if needed not in rules:
            expected = ", ".join((needed, *SYNONYMS[table].get(needed, ())[:6]))
            raise MappingError(
                f"No column of {file} is recognised as {table}.{needed} (looked for {expected} ...). It has: "
                f"{', '.join(columns[:40])}. Name it in a mapping file and give it with --mapping."
            )
    return TableMapping(table=table, columns=rules, by_name=True)


def fitted(mapping: TableMapping, columns: Sequence[str], file: str) -> TableMapping:
    """The mapping for one file: its columns as given, or as their names suggest where it names none.

    Raises MappingError when a column that the table can't do without is not recognised.
    """
    if not mapping.by_name:
        return mapping
    return mapping.model_copy(update={"columns": match(columns, mapping.table, file).columns})


# What a row of a table can't do without; a row that lacks it is refused.
REQUIRED: dict[str, tuple[str, ...]] = {
    "interactions": ("occurred_at",),
    "customers": ("customer_id",),
    "orders": ("customer_id", "ordered_at"),
    "surveys": ("customer_id", "answered_at"),
    "volume_history": ("period_start", "count"),
}


def _find(
    target: str, synonyms: Sequence[str], columns: Sequence[str], taken: set[str]
) -> tuple[str, str | None] | None:
    """The first column, in the synonyms' order, that carries one of a target's names, and the unit in its name."""
    own = (target, target.removesuffix("_ms")) if target in _DURATIONS else (target,)
    for synonym in (*own, *synonyms):
        for column in columns:
            if column in taken:
                continue
            plain = _plain(column)
            if plain == _plain(synonym):
                return column, _unit(target, plain)
            if target in _DURATIONS and _UNIT_AT_END.sub("", plain) == _plain(synonym):
                return column, _unit(target, plain)
    return None


def _unit(target: str, plain: str) -> str | None:
    if target not in _DURATIONS:
        return None
    found = _UNIT_AT_END.search(plain)
    return next((unit for unit, words in _UNIT_WORDS.items() if found and found.group() in words), "s")


def _plain(name: str) -> str:
    """A name without blanks, signs, case and full-width forms."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


assert set(SYNONYMS) == set(REQUIRED) <= set(TABLES)

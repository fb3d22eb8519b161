"""How each system of the company writes its rows: one form a file, from which its mapping is made too."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ISO_UTC = "iso"
DASHES, SLASHES, DOTS = "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"
CHINESE = "%Y年%m月%d日 %H时%M分%S秒"
_PARTS = {".xlsx": "sheet", ".sqlite": "query_table"}


@dataclass(frozen=True)
class Field:
    """One received column: `header` in the file, the table's `column` it holds, and how.

    formats: of times, the first the usual one; ISO_UTC is ISO 8601 with a Z. unit: of durations. words: what each true
    value is called, the first the usual word. nulls: what is written for a customer nobody knows. plain: free text,
    where nothing stands for a missing value but nothing.
    """

    header: str
    column: str
    formats: tuple[str, ...] = ()
    unit: str | None = None
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    plain: bool = False

    def rule(self, name: str) -> str:
        """Its line in the mapping file; `name` is the column's name there."""
        parts = [f"column = {_quoted(self.header)}"]
        if self.formats and self.formats != (ISO_UTC,):
            parts.append(f"format = [{', '.join(_quoted(form) for form in self.formats)}]")
        if self.unit:
            parts.append(f'unit = "{self.unit}"')
        if self.nulls:
            parts.append(f"nulls = [{', '.join(_quoted(word) for word in self.nulls)}]")
        values = {word: value for value, words in self.words.items() for word in words if word != value}
        if values:
            parts.append(f"values = {{ {', '.join(f'{_quoted(w)} = {_quoted(v)}' for w, v in values.items())} }}")
        return f"{name} = {{ {', '.join(parts)} }}"


@dataclass(frozen=True)
class Form:
    """One file: its name, the table and channels it holds, its fields, and what its mapping says besides.

    part: the sheet or database table. constants: columns that the file doesn't hold since they are always the same.
    test: header and word of the rows that are no contacts at all. extra: more lines of [table.columns].
    """

    file: str
    table: str
    fields: tuple[Field, ...]
    channels: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    part: str = ""
    constants: dict[str, str] = field(default_factory=dict)
    test: tuple[str, str] | None = None
    extra: tuple[str, ...] = ()

    @property
    def headers(self) -> list[str]:
        return [one.header for one in self.fields]

    def place(self, column: str) -> int:
        """Position of a table's column in the rows of the file."""
        return [one.column for one in self.fields].index(column)

    def mapping(self, timezone: str) -> str:
        """The mapping file's text."""
        lines = [f"# How {self.file} is read.", f"[{self.table}]", f"timezone = {_quoted(timezone)}"]
        lines += [f"delimiter = {_quoted(self.delimiter)}"] if self.delimiter != "," else []
        lines += [f"{_PARTS[Path(self.file).suffix]} = {_quoted(self.part)}"] if self.part else []
        if self.test is not None:
            header, word = self.test
            lines.append(f"where = \"{header} != '{word}'\"  # tests of the system are no contacts")
        lines.append(f"[{self.table}.columns]")
        names = {"duration_ms": "duration", "wait_ms": "wait"}
        lines += [one.rule(names.get(one.column, one.column)) for one in self.fields if one.column]
        lines += [f"{column} = {{ value = {_quoted(value)} }}" for column, value in self.constants.items()]
        return "\n".join([*lines, *self.extra]) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_YES_NO = {"true": ("是",), "false": ("否",)}
_RATINGS = {"5": ("非常满意",), "4": ("满意",), "3": ("一般",), "2": ("不满意",), "1": ("非常不满意",)}
_KINDS = {
    "inquiry": ("咨询",),
    "complaint": ("投诉", "客诉"),
    "feedback": ("反馈",),
    "order": ("订单",),
    "refund": ("退款", "退货退款"),
    "follow_up": ("投诉回访",),
    "check_in": ("例行回访",),
}

PHONE = Form(
    file="phone_calls.csv",
    table="interactions",
    channels=("phone",),
    encoding="gb18030",
    fields=(
        Field("流水号", "interaction_id"),
        Field("客户ID", "customer_id", nulls=("", "-", "N/A", "未知", "0")),
        Field("沟通时间", "occurred_at", formats=(DASHES, SLASHES, CHINESE)),
        Field("通话类型", "direction", words={"inbound": ("呼入",), "outbound": ("呼出",)}),
        Field("业务类型", "kind", words=_KINDS),
        Field(
            "接听状态", "outcome", words={"answered": ("已接听",), "abandoned": ("放弃",), "no_answer": ("无人接听",)}
        ),
        Field("排队秒数", "wait_ms", unit="s"),
        Field("通话秒数", "duration_ms", unit="s"),
        Field("接听时间", "responded_at", formats=(DASHES,)),
        Field("解决时间", "resolved_at", formats=(DASHES,)),
        Field("重新打开", "reopened", words=_YES_NO),
        Field("满意度", "satisfaction", words=_RATINGS),
        Field("评价时间", "rated_at", formats=(DASHES,)),
        Field("坐席", "agent_id"),
        Field("沟通内容", "content", plain=True),
    ),
    constants={"channel": "phone", "is_automated": "false"},
    test=("通话类型", "测试"),
)

EMAILS = Form(
    file="emails.jsonl",
    table="interactions",
    channels=("email",),
    fields=(
        Field("ticket", "interaction_id"),
        Field("customer", "customer_id", nulls=("", "unknown")),
        Field("received_at", "occurred_at", formats=(ISO_UTC,)),
        Field("direction", "direction", words={"inbound": ("in",), "outbound": ("out",)}),
        Field("category", "kind"),
        Field("status", "outcome"),
        Field("body", "content", plain=True),
        Field("answered_at", "responded_at", formats=(ISO_UTC,)),
        Field("answer", "response_content", plain=True),
        Field("closed_at", "resolved_at", formats=(ISO_UTC,)),
        Field("reopened", "reopened"),
        Field("stars", "satisfaction"),
        Field("rated_at", "rated_at", formats=(ISO_UTC,)),
        Field("agent", "agent_id"),
        Field("automatic", "is_automated"),
    ),
    constants={"channel": "email"},
    test=("category", "test"),
)

CHATS = Form(
    file="chats.xlsx",
    table="interactions",
    channels=("chat",),
    part="在线客服",
    fields=(
        Field("会话编号", "interaction_id"),
        Field("客户编号", "customer_id", nulls=("", "访客", "-")),
        Field("开始时间", "occurred_at", formats=(SLASHES,)),
        Field("方向", "direction", words={"inbound": ("访客发起",), "outbound": ("系统消息",)}),
        Field("类别", "kind", words={**_KINDS, "auto_reply": ("自动回复",)}),
        Field("结果", "outcome", words={"answered": ("已接待",), "abandoned": ("排队离开",), "sent": ("已发送",)}),
        Field("排队(秒)", "wait_ms", unit="s"),
        Field("时长(分钟)", "duration_ms", unit="min"),
        Field("首次响应", "responded_at", formats=(SLASHES,)),
        Field("解决时间", "resolved_at", formats=(SLASHES,)),
        Field("重开", "reopened", words=_YES_NO),
        Field("评分", "satisfaction"),
        Field("评分时间", "rated_at", formats=(SLASHES,)),
        Field("客服", "agent_id"),
        Field("机器人", "is_automated", words=_YES_NO),
        Field("访客消息", "content", plain=True),
        Field("客服回复", "response_content", plain=True),
    ),
    constants={"channel": "chat"},
)

SOCIAL_WEB = Form(
    file="social_and_web.csv",
    table="interactions",
    channels=("social", "web", "sms", "in_person"),
    encoding="utf-8-sig",
    delimiter=";",
    fields=(
        Field("id", "interaction_id"),
        Field("customer_id", "customer_id", nulls=("", "N/A", "anonymous")),
        Field("created", "occurred_at", formats=(DOTS,)),
        Field(
            "channel",
            "channel",
            words={
                "social": ("weibo", "wechat", "xiaohongshu"),
                "web": ("web form", "app"),
                "sms": ("sms",),
                "in_person": ("store", "visit"),
            },
        ),
        Field("direction", "direction"),
        Field("type", "kind"),
        Field("outcome", "outcome"),
        Field("seconds", "duration_ms", unit="s"),
        Field("replied", "responded_at", formats=(DOTS,)),
        Field("solved", "resolved_at", formats=(DOTS,)),
        Field("reopened", "reopened", words={"true": ("yes",), "false": ("no",)}),
        Field("rating", "satisfaction"),
        Field("rated", "rated_at", formats=(DOTS,)),
        Field("agent", "agent_id"),
        Field("bot", "is_automated", words={"true": ("yes",), "false": ("no",)}),
        Field("text", "content", plain=True),
        Field("reply", "response_content", plain=True),
    ),
)

CUSTOMERS = Form(
    file="crm.sqlite",
    table="customers",
    part="crm_customers",
    fields=(
        Field("客户ID", "customer_id"),
        Field("姓名", "name", plain=True),
        Field("邮箱", "email"),
        Field("手机", "phone"),
        Field("性别", "gender", words={"female": ("女",), "male": ("男",)}),
        Field("出生年份", "birth_year"),
        Field("国家", "country"),
        Field("省份", "region"),
        Field("城市", "city"),
        Field("纬度", "latitude"),
        Field("经度", "longitude"),
        Field("客户经理", "owner"),
        Field("年收入", "income"),
        Field("注册时间", "joined_at", formats=(DASHES, SLASHES)),
        Field("销户时间", "left_at", formats=(DASHES,)),
        Field("营销许可", "marketing_consent", words=_YES_NO),
        Field("禁止画像", "do_not_profile", words=_YES_NO),
    ),
)

ORDERS = Form(
    file="crm.sqlite",
    table="orders",
    part="crm_order_lines",
    fields=(
        Field("line_no", "order_line_id"),
        Field("order_no", "order_id"),
        Field("customer_no", "customer_id"),
        Field("ordered", "ordered_at", formats=(DASHES, SLASHES)),
        Field("unit_price", ""),
        Field("currency", "currency", words={"CNY": ("CNY", "RMB", "人民币"), "USD": ("USD", "美元")}),
        Field("item", "product", plain=True),
        Field("pieces", "quantity"),
        Field("state", "status"),
        Field("paid_by", "payment_method"),
    ),
    extra=('amount = { multiply = ["pieces", "unit_price"] }',),
)

SURVEYS = Form(
    file="surveys.csv",
    table="surveys",
    delimiter="\t",
    fields=(
        Field("response_id", "response_id"),
        Field("customer_id", "customer_id"),
        Field("answered_at", "answered_at", formats=(DASHES,)),
        Field("topic", "topic"),
        Field("importance", "importance"),
        Field("satisfaction", "satisfaction"),
        Field("comment", "comment", plain=True),
    ),
)

FORMS = (CUSTOMERS, PHONE, EMAILS, CHATS, SOCIAL_WEB, ORDERS, SURVEYS)

"""Headers as real systems export them, matched by name: what is meant, and what must not be taken for it."""

import pytest

from interactions.sources.names import match

HEADERS = [
    ("interactions", "Zendesk", "Ticket ID,Requester ID,Created at,Channel,Subject,Description,Solved at,CSAT Score",
     {"interaction_id": "Ticket ID", "occurred_at": "Created at", "channel": "Channel", "resolved_at": "Solved at",
      "satisfaction": "CSAT Score"}),
    ("interactions", "Salesforce cases", "Case Number,Account ID,Created Date,Status,Case Type,Description,Closed Date",
     {"interaction_id": "Case Number", "customer_id": "Account ID", "occurred_at": "Created Date",
      "outcome": "Status", "kind": "Case Type", "resolved_at": "Closed Date"}),
    ("interactions", "工单", "工单编号,客户ID,创建时间,渠道,问题类型,描述,首次响应时间,解决时间,满意度,处理人",
     {"interaction_id": "工单编号", "customer_id": "客户ID", "occurred_at": "创建时间", "channel": "渠道",
      "kind": "问题类型", "responded_at": "首次响应时间", "resolved_at": "解决时间", "satisfaction": "满意度",
      "agent_id": "处理人"}),
    ("interactions", "呼叫中心", "流水号,客户编号,来电时间,呼叫方向,通话时长(秒),排队时长,坐席工号,接听状态",
     {"interaction_id": "流水号", "customer_id": "客户编号", "occurred_at": "来电时间", "direction": "呼叫方向",
      "duration_ms": "通话时长(秒)", "wait_ms": "排队时长", "agent_id": "坐席工号", "outcome": "接听状态"}),
    ("orders", "商城", "订单编号,会员号,下单时间,实付金额,商品名称,数量,订单状态,支付方式",
     {"order_id": "订单编号", "customer_id": "会员号", "ordered_at": "下单时间", "amount": "实付金额",
      "product": "商品名称", "quantity": "数量", "status": "订单状态", "payment_method": "支付方式"}),
    ("customers", "CRM", "客户编号,姓名,手机号,电子邮箱,省份,城市,客户经理,注册时间",
     {"customer_id": "客户编号", "name": "姓名", "phone": "手机号", "email": "电子邮箱", "region": "省份",
      "city": "城市", "owner": "客户经理", "joined_at": "注册时间"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "system", "header", "expected"), HEADERS, ids=[row[1] for row in HEADERS])
def test_exports(table: str, system: str, header: str, expected: dict[str, str]) -> None:
    found = {target: rule.wanted[0][0] for target, rule in match(header.split(","), table, system).columns.items()}
    assert {target: found.get(target) for target in expected} == expected

"""Orders: one to a few lines each, in yuan and for some customers abroad in dollars."""

import numpy as np
import pyarrow as pa

from interactions.demo.arrays import Ints
from interactions.demo.clock import DAY, Clock
from interactions.demo.happened import Ordered
from interactions.demo.money import money
from interactions.demo.segments import BUSINESS, People

# Yuan for one dollar, as `[currency.rates] USD` of rapport.toml must say; in tenths to stay exact.
USD_TENTHS = 71
RATES = {"USD": USD_TENTHS / 10}

PRODUCTS = (
    ("无线耳机", 1.0), ("保温杯", 0.4), ("智能手表", 2.2), ("充电宝", 0.6), ("咖啡机", 2.6), ("空气净化器", 3.0),
    ("台灯", 0.7), ("瑜伽垫", 0.5), ("双肩包", 0.9), ("运动鞋", 1.3), ("护手霜", 0.3), ("猫粮", 0.8),
    ("机械键盘", 1.5), ("移动硬盘", 1.8), ("打印纸", 0.5), ("办公椅", 3.2), ("投影仪", 4.0), ("会员年卡", 1.1),
    ("蓝牙音箱", 1.2), ("电动牙刷", 0.9),
)  # fmt: skip
STATUSES = ("completed", "returned", "cancelled", "shipped")
PAYMENTS = ("alipay", "wechat_pay", "card", "bank_transfer", "cash_on_delivery")
_BUSINESS_PAYMENTS = np.cumsum([0.12, 0.10, 0.18, 0.60, 0.0])
_PRIVATE_PAYMENTS = np.cumsum([0.44, 0.42, 0.09, 0.01, 0.04])


def orders_table(
    rng: np.random.Generator, clock: Clock, people: People, orders: Ordered, abroad: Ints, ids: pa.Array
) -> dict[str, pa.Array]:
    """The columns of the orders table from who ordered when , sorted by time.

    `abroad` is 1 for customers who may pay in dollars, `ids` the customer ids.
    """
    by_time = np.lexsort((orders.customer, orders.at))
    lines = 1 + np.minimum(rng.geometric(0.68, len(by_time)) - 1, 4)
    order = np.repeat(np.arange(len(by_time)), lines)
    customer = orders.customer[by_time][order]
    at = orders.at[by_time][order]
    dollars = (abroad[customer] == 1) & (rng.random(len(by_time)) < 0.7)[order]
    product = rng.integers(0, len(PRODUCTS), len(order))
    quantity = _quantities(rng, people, customer)
    swing = rng.normal(0, 1, len(by_time))[order] * people.amount_sigma[customer] + rng.normal(0, 0.2, len(order))
    yuan = np.exp(people.log_amount[customer] + swing) / lines[order] / quantity
    cents = np.maximum(np.round(np.where(dollars, yuan * 1000 / USD_TENTHS, yuan * 100)), 50).astype(np.int64)
    # Ten-thousandths of a yuan: a cent is 100 of them, a dollar cent 100 times the rate.
    amount = cents * quantity * np.where(dollars, 10 * USD_TENTHS, 100)
    line = np.arange(len(order)) - np.repeat(np.cumsum(lines) - lines, lines) + 1
    order_ids = [f"S{number:07d}" for number in range(1, len(by_time) + 1)]
    return {
        "order_line_id": pa.array([f"{order_ids[o]}-{n}" for o, n in zip(order.tolist(), line.tolist(), strict=True)]),
        "order_id": pa.array(order_ids).take(pa.array(order)),
        "customer_id": ids.take(pa.array(customer)),
        "ordered_at": clock.timestamps(at),
        "amount": money(amount),
        "currency": pa.array(np.where(dollars, "USD", "CNY")),
        "product": pa.array([name for name, _ in PRODUCTS]).take(pa.array(product)),
        "quantity": pa.array(quantity),
        "status": _status(rng, clock, at, order),
        "payment_method": _payment(rng, people, customer, order),
    }


def _quantities(rng: np.random.Generator, people: People, customer: Ints) -> Ints:
    business = people.segment[customer] == BUSINESS
    return np.where(business, rng.integers(2, 21, len(customer)), 1 + (rng.random(len(customer)) < 0.2))


def _status(rng: np.random.Generator, clock: Clock, at: Ints, order: Ints) -> pa.Array:
    draw = rng.random(order.max(initial=-1) + 1)[order]
    code = np.where(draw < 0.90, 0, np.where(draw < 0.96, 1, 2))
    code = np.where((at > clock.seconds - 4 * DAY) & (code == 0), 3, code)
    return pa.array(STATUSES).take(pa.array(code))


def _payment(rng: np.random.Generator, people: People, customer: Ints, order: Ints) -> pa.Array:
    draw = rng.random(order.max(initial=-1) + 1)[order]
    business = np.searchsorted(_BUSINESS_PAYMENTS, draw, side="right")
    private = np.searchsorted(_PRIVATE_PAYMENTS, draw, side="right")
    code = np.minimum(np.where(people.segment[customer] == BUSINESS, business, private), len(PAYMENTS) - 1)
    return pa.array(PAYMENTS).take(pa.array(code))

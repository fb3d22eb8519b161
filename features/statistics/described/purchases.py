"""What was bought."""

from features.statistics.statistic import Statistic

_NO_AMOUNT = "Lines in a currency without a rate have no amount and don't count."

ORDERS = (
    Statistic(
        "orders",
        "orders",
        "Orders",
        "订单数",
        "Different orders; a line that names no order is one. The count beside it is the order lines.",
        "None.",
        table="orders",
        better="higher",
    ),
    Statistic(
        "revenue",
        "company currency",
        "Revenue",
        "销售额",
        "Sum of the order lines' amounts in the company's currency.",
        _NO_AMOUNT,
        table="orders",
        better="higher",
    ),
    Statistic(
        "order_value_mean",
        "company currency",
        "Mean order value",
        "平均订单金额",
        "Sum of the order lines' amounts / different orders with an amount.",
        _NO_AMOUNT,
        table="orders",
        better="higher",
    ),
    Statistic(
        "orders_per_customer",
        "orders per customer",
        "Orders per customer",
        "客均订单数",
        "Different orders of identified customers / different customers with an order (purchase frequency).",
        "Orders without a customer don't count.",
        table="orders",
        better="higher",
    ),
)

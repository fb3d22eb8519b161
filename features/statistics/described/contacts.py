"""How much contact there was, with whom, and how much of it was complaint."""

from features.statistics.statistic import BEGUN, MACHINES, Statistic

CONTACTS = (
    Statistic(
        "contacts",
        "contacts",
        "Contacts",
        "沟通次数",
        "Contacts with customers, in both directions, unidentified callers included.",
        MACHINES,
    ),
    Statistic(
        "inbound_contacts",
        "contacts",
        "Contacts from customers",
        "客户来访次数",
        "Contacts the customers began (inbound or of unknown direction): what the volume forecast counts.",
        BEGUN,
    ),
    Statistic(
        "automated_contacts",
        "contacts",
        "Contacts sent by a machine",
        "自动发送次数",
        "Contacts sent by a machine: campaigns and automatic replies, which no other figure counts.",
        "Contacts of a person, and those where it isn't known, don't count.",
    ),
    Statistic(
        "outbound_share",
        "share",
        "Contacts the company began",
        "主动联系占比",
        "Outbound contacts / contacts in both directions.",
        MACHINES,
    ),
    Statistic(
        "identified_share",
        "share",
        "Contacts of known customers",
        "已识别沟通占比",
        "Contacts whose customer is known / contacts in both directions.",
        MACHINES,
        better="higher",
    ),
    Statistic(
        "unique_customers",
        "customers",
        "Customers in touch",
        "沟通客户数",
        "Different identified customers with a contact in either direction; the count beside it is the contacts.",
        f"Unidentified callers don't count. {MACHINES}",
    ),
    Statistic(
        "contacts_per_customer",
        "contacts per customer",
        "Contacts per customer",
        "客均沟通次数",
        "Contacts of identified customers in both directions / different customers with such a contact (frequency).",
        f"Unidentified callers don't count. {MACHINES}",
    ),
    Statistic(
        "new_customers",
        "customers",
        "New customers",
        "新客户数",
        "Customers whose first contact ever, in either direction, is among these contacts. The first in the chosen "
        "range alone doesn't make a customer new.",
        f"Unidentified callers don't count. {MACHINES}",
        better="higher",
    ),
    Statistic(
        "returning_customers",
        "customers",
        "Returning customers",
        "回访客户数",
        "Customers in touch whose first contact ever is not among these contacts: new and returning customers add up "
        "to the customers in touch.",
        f"Unidentified callers don't count. {MACHINES}",
    ),
    Statistic(
        "complaint_share",
        "share",
        "Complaints",
        "投诉占比",
        "Contacts of kind complaint / contacts the customers began.",
        BEGUN,
        better="lower",
    ),
)

"""The three vendors' services, end to end: from their answers to the rows in the lake."""

from datetime import UTC, datetime
from typing import Any

import pytest

from interactions.cleaning.clean import clean
from workspace.errors import MappingError
from workspace.folder import Workspace

AT = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


def rows(workspace: Workspace, table: str) -> list[dict[str, Any]]:
    clean(workspace)
    return workspace.lake.read(table).to_pylist()


def by_key(workspace: Workspace, table: str, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows(workspace, table)}


def contact(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "Id": f"003{number}", "Name": f"Person {number}", "Email": f"p{number}@example.com", "MobilePhone": None,
        "Phone": f"+86 138 0000 {number:04d}", "MailingCountry": "CN", "MailingState": None, "MailingCity": "Wuhan",
        "Owner": {"Name": "Rep A"}, "CreatedDate": "2023-01-01T00:00:00.000+0000",
        "HasOptedOutOfEmail": number % 2 == 0, "SystemModstamp": f"2024-01-0{number}T08:00:00.000+0000", **changed,
    }  # fmt: skip


def salesforce_records() -> dict[str, list[dict[str, Any]]]:
    modified = {"SystemModstamp": "2024-03-02T00:00:00.000+0000", "CreatedDate": "2024-03-01T08:00:00.000+0000"}
    task = {"WhoId": "0031", "IsClosed": True, "CompletedDateTime": "2024-03-01T09:00:00.000+0000", "OwnerId": "005A",
            "Type": "Call", "Description": "text", "Status": "Completed", **modified}  # fmt: skip
    return {
        "Contact": [contact(number) for number in range(1, 6)],
        "Task": [
            {**task, "Id": "00T1", "TaskSubtype": "Call", "CallType": "Inbound", "CallDurationInSeconds": 95,
             "CallDisposition": "answered"},
            {**task, "Id": "00T2", "TaskSubtype": "Task", "CompletedDateTime": None},
            {**task, "Id": "00T3", "TaskSubtype": "Call", "IsClosed": False},
        ],
        "EmailMessage": [
            {"Id": "02s1", "Parent": {"ContactId": "0032"}, "MessageDate": "2024-03-01T09:00:00.000+0000",
             "Incoming": True, "TextBody": "Where is my order?", "CreatedById": "005A", **modified},
            {"Id": "02s2", "Parent": None, "MessageDate": None, "Incoming": False, "TextBody": "Hello", **modified},
        ],
        "Case": [
            {"Id": "5001", "ContactId": "0031", "Origin": "Web", "Type": "Problem", "Description": "It broke",
             "Status": "Closed", "ClosedDate": "2024-03-01T10:30:00.000+0000", "OwnerId": "005A", **modified},
        ],
        "Opportunity": [
            {"Id": "0061", "ContactId": "0031", "CloseDate": "2024-02-01", "Amount": 1200.5, "Name": "Pump",
             "StageName": "Closed Won", "IsWon": True, **modified},
            {"Id": "0062", "ContactId": "0031", "CloseDate": "2024-02-02", "Amount": 1, "Name": "Lost", "IsWon": False,
             **modified},
        ],
    }  # fmt: skip


def test_salesforce_contacts_calls_emails_tasks_cases_and_won_deals(service, collect, workspace) -> None:
    service.records = salesforce_records()
    done = collect("salesforce")
    assert done.new == {"crm/contacts": 5, "crm/calls": 1, "crm/emails": 2, "crm/tasks": 1, "crm/cases": 1,
                        "crm/opportunities": 1}  # fmt: skip
    customers = by_key(workspace, "customers", "customer_id")
    assert set(customers) == {"0031", "0032", "0033", "0034", "0035"}
    assert customers["0032"]["marketing_consent"] is False
    assert (customers["0031"]["city"], customers["0031"]["owner"]) == ("Wuhan", "Rep A")
    contacts = by_key(workspace, "interactions", "interaction_id")
    assert set(contacts) == {"call-00T1", "email-02s1", "email-02s2", "task-00T2", "case-5001"}
    call, mail, task, case = (contacts[key] for key in ("call-00T1", "email-02s1", "task-00T2", "case-5001"))
    assert (call["channel"], call["direction"], call["duration_ms"]) == ("phone", "inbound", 95_000)
    assert (call["occurred_at"], call["customer_id"], call["agent_id"]) == (AT, "0031", "005A")
    assert (mail["channel"], mail["direction"], mail["customer_id"]) == ("email", "inbound", "0032")
    assert contacts["email-02s2"]["customer_id"] is None
    assert contacts["email-02s2"]["direction"] == "outbound"
    assert task["occurred_at"] == datetime(2024, 3, 1, 8, 0, tzinfo=UTC)
    assert (case["channel"], case["resolved_at"]) == ("web", datetime(2024, 3, 1, 10, 30, tzinfo=UTC))
    (order,) = rows(workspace, "orders")
    assert (order["order_id"], str(order["amount"]), order["product"]) == ("opportunity-0061", "1200.5000", "Pump")


@pytest.mark.slow
def test_a_second_time_adds_nothing_and_a_change_comes_as_a_later_version(service, collect, workspace) -> None:
    service.records = salesforce_records()
    collect("salesforce", "contacts", "cases")
    clean(workspace)
    before = {table: workspace.lake.version(table) for table in ("customers", "interactions")}
    service.forget()
    assert collect("salesforce", "contacts", "cases").new == {}
    assert "SystemModstamp >= 2024-01-05T08:00:00Z" in service.data_requests[0][1]["q"]
    clean(workspace)
    assert before == {table: workspace.lake.version(table) for table in before}

    service.records["Contact"][0] |= {"Email": "new@example.com", "SystemModstamp": "2024-02-01T00:00:00.000+0000"}
    service.records["Contact"].append(contact(6, SystemModstamp="2024-01-05T08:00:00.000+0000"))
    assert collect("salesforce", "contacts", "cases").new == {"crm/contacts": 2}
    versions = [row for row in rows(workspace, "customers") if row["customer_id"] == "0031"]
    assert [row["email"] for row in sorted(versions, key=lambda row: row["known_at"])] == [
        "p1@example.com",
        "new@example.com",
    ]
    assert len(rows(workspace, "customers")) == 7
    assert collect("salesforce", "contacts", "cases").new == {}


def zoho_records() -> dict[str, list[dict[str, Any]]]:
    modified = {"Modified_Time": "2024-03-02T08:00:00+08:00", "Created_Time": "2024-03-01T17:00:00+08:00"}
    owner, who = {"id": "77", "name": "Rep A"}, {"id": "31", "name": "Li"}
    return {
        "Contacts": [
            {"id": str(number), "Full_Name": f"Person {number}", "Email": None, "Phone": "1", "Mobile": "13800000000",
             "Owner": owner, "Email_Opt_Out": False, "Created_Time": "2023-01-01T00:00:00+08:00",
             "Modified_Time": f"2024-01-0{number - 30}T08:00:00+08:00"}
            for number in range(31, 36)
        ],
        "Calls": [
            {"id": "1", "Who_Id": who, "Call_Start_Time": "2024-03-01T17:00:00+08:00", "Call_Type": "Inbound",
             "Call_Duration_in_seconds": 61, "Description": "hello", "Owner": owner, **modified},
            {"id": "2", "Who_Id": None, "Call_Start_Time": "2024-03-01T17:00:00+08:00", "Call_Type": "Missed",
             "Call_Duration_in_seconds": None, **modified},
        ],
        "Tasks": [
            {"id": "1", "Who_Id": who, "Status": "Completed", "Closed_Time": "2024-03-01T17:00:00+08:00", **modified},
            {"id": "2", "Who_Id": who, "Status": "Not Started", "Closed_Time": None, **modified},
        ],
        "Cases": [
            {"id": "1", "Related_To": who, "Case_Origin": "Phone", "Status": "Closed", "Solution": "done", **modified},
        ],
    }  # fmt: skip


@pytest.mark.slow
def test_zoho_contacts_calls_tasks_cases_and_an_empty_module(service, collect, workspace) -> None:
    service.records = zoho_records()
    done = collect("zoho")
    assert done.new == {"crm/contacts": 5, "crm/calls": 2, "crm/tasks": 2, "crm/cases": 1}
    assert service.data_requests[0][2]["Authorization"].startswith("Zoho-oauthtoken ")
    customers = by_key(workspace, "customers", "customer_id")
    assert len(customers) == 5
    assert customers["31"]["owner"] == "Rep A"
    contacts = by_key(workspace, "interactions", "interaction_id")
    assert set(contacts) == {"call-1", "call-2", "task-1", "case-1"}
    assert (contacts["call-1"]["duration_ms"], contacts["call-1"]["occurred_at"]) == (61_000, AT)
    assert (contacts["call-2"]["direction"], contacts["call-2"]["outcome"]) == ("inbound", "abandoned")
    assert contacts["call-2"]["customer_id"] is None
    assert (contacts["case-1"]["channel"], contacts["case-1"]["response_content"]) == ("phone", "done")
    service.forget()
    assert collect("zoho").new == {}
    assert service.data_requests[0][2]["If-Modified-Since"] == "2024-01-05T00:00:00+00:00"
    # The clocks' zone of the account changes: later by the moment, not by the letters.
    service.records["Contacts"][1] |= {"Full_Name": "Wang", "Modified_Time": "2024-01-04T23:59:59-08:00"}
    assert collect("zoho").new == {"crm/contacts": 1}


def dynamics_records() -> dict[str, list[dict[str, Any]]]:
    modified = {"modifiedon": "2024-03-02T00:00:00Z", "createdon": "2024-03-01T09:00:00Z", "_ownerid_value": "o1"}
    person = {"contactid": "c1"}
    return {
        "contacts": [
            {"contactid": f"c{number}", "fullname": f"Person {number}", "gendercode": 2, "annualincome": 120000.0,
             "mobilephone": "", "telephone1": "555", "donotbulkemail": True, "createdon": "2023-01-01T00:00:00Z",
             "address1_latitude": 30.5, "modifiedon": f"2024-01-0{number}T08:00:00Z"}
            for number in range(1, 6)
        ],
        "phonecalls": [
            {"activityid": "a1", "regardingobjectid_contact_phonecall": person, "directioncode": True, "statecode": 1,
             "actualstart": "2024-03-01T09:00:00Z", "actualdurationminutes": 7, "description": "hi", **modified},
            {"activityid": "a2", "regardingobjectid_contact_phonecall": None, "directioncode": False, "statecode": 0,
             **modified},
        ],
        "emails": [
            {"activityid": "a3", "regardingobjectid_contact_email": person, "directioncode": False, "statecode": 1,
             "senton": "2024-03-01T09:00:00Z", "description": "question", **modified},
        ],
        "tasks": [
            {"activityid": "a4", "regardingobjectid_contact_task": None, "statecode": 1, "actualend": None, **modified},
        ],
        "incidents": [
            {"incidentid": "i1", "_primarycontactid_value": None, "customerid_contact": person, "caseorigincode": 2483,
             "casetypecode": 2, "statecode": 1, "customersatisfactioncode": 4,
             "Incident_IncidentResolutions": [{"actualend": "2024-03-01T10:00:00Z"}], **modified},
            {"incidentid": "i2", "_primarycontactid_value": "c2", "customerid_contact": None, "caseorigincode": 1,
             "statecode": 0, "Incident_IncidentResolutions": [], **modified},
        ],
        "salesorders": [
            {"salesorderid": "s1", "customerid_contact": person, "submitdate": None, "totalamount": 99.9,
             "name": "Pump", "transactioncurrencyid": {"isocurrencycode": "CNY"}, "statecode": 3, **modified},
        ],
    }  # fmt: skip


@pytest.mark.slow
def test_dynamics_contacts_activities_cases_and_orders(service, collect, workspace) -> None:
    service.records = dynamics_records()
    done = collect("dynamics")
    assert done.new == {
        "crm/contacts": 5,
        "crm/calls": 2,
        "crm/emails": 1,
        "crm/tasks": 1,
        "crm/cases": 2,
        "crm/orders": 1,
    }
    assert service.data_requests[0][2]["Prefer"] == "odata.maxpagesize=1000"
    token = next(one for one in service.asked if "token" in one[0])
    assert token[0] == "/0000-1111/oauth2/v2.0/token"
    assert (token[1]["grant_type"], token[1]["scope"]) == ("client_credentials", f"{service.url}/.default")
    customer = by_key(workspace, "customers", "customer_id")["c1"]
    assert (customer["gender"], customer["latitude"], customer["marketing_consent"]) == ("female", 30.5, False)
    assert customer["phone"] == "555"
    contacts = by_key(workspace, "interactions", "interaction_id")
    assert set(contacts) == {"call-a1", "email-a3", "task-a4", "case-i1", "case-i2"}
    assert (contacts["call-a1"]["direction"], contacts["call-a1"]["duration_ms"]) == ("outbound", 420_000)
    assert (contacts["email-a3"]["direction"], contacts["email-a3"]["customer_id"]) == ("inbound", "c1")
    case = contacts["case-i1"]
    assert (case["channel"], case["kind"], case["satisfaction"]) == ("social", "problem", 4)
    assert (case["resolved_at"], case["customer_id"]) == (datetime(2024, 3, 1, 10, 0, tzinfo=UTC), "c1")
    assert contacts["case-i2"]["customer_id"] == "c2"
    (order,) = rows(workspace, "orders")
    assert (str(order["amount"]), order["currency"], order["status"]) == ("99.9000", "CNY", "fulfilled")
    assert collect("dynamics").new == {}


@pytest.mark.parametrize("vendor", ["salesforce", "zoho", "dynamics"])
def test_every_resource_reads_what_it_names(vendor: str) -> None:
    from interactions.sources.crm.declaration import declared, fields_read, needed
    from interactions.sources.names import REQUIRED

    declaration = declared(vendor)
    for name, resource in declaration.resources.items():
        mapping = resource.table_mapping(f"{vendor} {name}")
        assert set(REQUIRED[resource.table]) <= set(mapping.columns)
        assert not set(fields_read(resource, mapping)) & set(resource.first)
        assert needed(resource, mapping)
        assert set(resource.first) <= {part for rule in mapping.columns.values() for one in rule.wanted for part in one}


def test_columns_of_the_options_add_to_the_mapping(service, collect, workspace) -> None:
    service.records = {"Contact": [contact(1, Grade__c="VIP")]}
    collect("salesforce", "contacts", columns={"contacts": {"region": "Grade__c"}})
    assert rows(workspace, "customers")[0]["region"] == "VIP"


def test_a_changed_mapping_rebuilds_what_came_although_nothing_new_does(service, collect, workspace) -> None:
    service.records = {"Contact": [contact(1)]}
    collect("salesforce", "contacts")
    assert [row["region"] for row in rows(workspace, "customers")] == [None]
    assert collect("salesforce", "contacts", columns={"contacts": {"region": "MailingCity"}}).new == {}
    assert [row["region"] for row in rows(workspace, "customers")] == ["Wuhan"]


def test_a_mapping_of_a_field_that_was_not_received_before_says_so(service, collect, workspace) -> None:
    service.records = {"Contact": [contact(1)]}
    collect("salesforce", "contacts")
    with pytest.raises(MappingError, match="Grade__c"):
        collect("salesforce", "contacts", columns={"contacts": {"region": "Grade__c"}})
    service.records["Contact"].append(contact(2, Grade__c="VIP"))
    collect("salesforce", "contacts", columns={"contacts": {"region": ["Grade__c", "MailingState"]}})
    assert {row["customer_id"]: row["region"] for row in rows(workspace, "customers")} == {"0031": None, "0032": "VIP"}


def test_zoho_emails_come_contact_by_contact_when_asked_for(service, collect, workspace) -> None:
    service.records = zoho_records()
    service.records["Emails"] = [
        {"message_id": f"m{n}", "time": f"2024-03-0{n}T17:00:00+08:00", "sent": n % 2 == 0, "summary": f"text {n}",
         "subject": "s", "owner": {"id": "77"}, "linked_record": {"id": "32" if n > 3 else "31"}, "intent": "query"}
        for n in range(1, 5)
    ]  # fmt: skip
    assert collect("zoho", "contacts", "emails").new == {"crm/contacts": 5, "crm/emails": 4}
    found = by_key(workspace, "interactions", "interaction_id")
    assert set(found) == {"email-31-m1", "email-31-m2", "email-31-m3", "email-32-m4"}
    first = found["email-31-m1"]
    assert (first["customer_id"], first["direction"], first["content"]) == ("31", "inbound", "text 1")
    assert first["occurred_at"] == AT
    assert collect("zoho", "contacts", "emails").new == {}
    service.records["Emails"].append({**service.records["Emails"][3], "message_id": "m5", "summary": "more"})
    assert collect("zoho", "contacts", "emails").new == {"crm/emails": 1}

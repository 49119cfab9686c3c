#!/usr/bin/env python3
"""Reads a payroll application for the `exec` connector.

This one reads a JSON file; put your own calls where `load` is. It shows what matters: a header first, a receipt for every read
whatever happens to it, the end last, and nothing else on standard output.
"""

import json
import sys

SYSTEM = "payroll"


class Stream:
    """Prints lines and counts records, so that a lost one is noticed."""

    def __init__(self, system):
        self.total = 0
        self.line(header={"protocol": 1, "system": system})

    def line(self, **line):
        print(json.dumps(line), flush=True)

    def read(self, name, records):
        """One read. `records` is a generator: what fails in it ends the read partial, with what came before."""
        count = 0
        outcome = "complete"
        try:
            for record in records:
                self.line(record={"read": name, "record": record})
                count += 1
        except PermissionError as error:
            outcome = {"partial": {"reason": "forbidden", "detail": str(error)}}
        except (KeyError, TypeError, ValueError) as error:
            outcome = {"partial": {"reason": "schema_changed", "detail": f"{type(error).__name__}: {error}"}}
        except OSError as error:
            outcome = {"partial": {"reason": "unreachable", "detail": str(error)}}
        self.line(receipt={"read": name, "outcome": outcome, "records": count})
        self.total += count

    def end(self):
        self.line(end={"records": self.total})


def account(number):
    return {"object": f"account/{number}"}


def ownership(subject, row):
    return {
        "record": "ownership",
        "subject": subject,
        "owner": account(row["created_by"]),
        "link": "creator",
        "reason": "field created_by",
    }


def accounts(data):
    for row in data["accounts"]:
        number = row["no"]
        human = row["employee"] is not None
        yield {
            "record": "account",
            "id": f"account/{number}",
            "login": row["user"],
            "display_name": row["name"],
            "emails": [{"address": row["mail"], "verified": True}] if row["mail"] else [],
            "keys": [{"kind": "employee_number", "value": row["employee"]}] if human else [],
            "state": "active" if row["active"] else "disabled",
            "native_state": f"active={row['active']}",
            "kind": {
                "kind": "human" if human else "service",
                "reason": "it has an employee number" if human else "it has no employee number",
            },
        }
        if "created_by" in row:
            yield ownership(f"account/{number}", row)


def groups(data):
    for row in data["groups"]:
        group = f"group/{row['no']}"
        yield {"record": "group", "id": group, "name": row["name"]}
        for member in row["members"]:
            yield {"record": "membership", "group": group, "member": account(member)}


def grants(data):
    for ledger in sorted({row["ledger"] for row in data["grants"]}):
        yield {"record": "resource", "id": f"resource/{ledger}", "name": ledger, "resource_type": "ledger"}
    for row in data["grants"]:
        yield {
            "record": "grant",
            "subject": account(row["account"]),
            "resource": f"resource/{row['ledger']}",
            "permission": row["right"],
        }


def credentials(data):
    for row in data["credentials"]:
        yield {
            "record": "credential",
            "id": f"credential/key/{row['no']}",
            "kind": "token.user",
            "native_type": "API key",
            "name": row["name"],
            "holder": account(row["account"]),
            "state": "revoked" if row["revoked"] else "active",
        }


def integrations(data):
    for row in data["integrations"]:
        hook = f"integration/hook/{row['no']}"
        yield {
            "record": "integration",
            "id": hook,
            "kind": "egress",
            "native_type": "webhook",
            "name": row["name"],
            "state": "enabled" if row["enabled"] else "disabled",
            "sends_to": [row["host"]],
        }
        yield ownership(hook, row)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    # What fails here ends the program with an error, and every read is partial.
    data = load(sys.argv[1])
    stream = Stream(SYSTEM)
    for read in (accounts, groups, grants, credentials, integrations):
        stream.read(read.__name__, read(data))
    stream.end()


if __name__ == "__main__":
    main()

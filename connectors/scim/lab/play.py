"""Serves scim2-server on loopback and plays the removal of one user on it.

Called with one word: serve, ready, system, before, half, finish, stop. See docs/guides/test-on-a-real-server.md.
"""

import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request

DIR = pathlib.Path(os.environ["EXEUNT_LAB_DIR"])
PORT = os.environ["EXEUNT_LAB_PORT"]
URL = f"http://127.0.0.1:{PORT}/v2"
TOKEN = DIR / "token"


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN.read_text()}", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(URL + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def serve():
    TOKEN.write_text("scim-reader-of-the-lab")
    program = os.path.join(os.environ["EXEUNT_LAB_VENV"], "bin", "scim2-server")
    os.execv(program, [program, "--hostname", "127.0.0.1", "--port", PORT, "--bearer-token", TOKEN.read_text()])


def ready():
    for _ in range(150):
        try:
            return call("GET", "/ServiceProviderConfig")
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def system():
    print(json.dumps({
        "connector": "scim",
        "url": URL,
        "auth": {"bearer": f"file:{TOKEN}"},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def user(name, number, given, family, active=True):
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    made = call("POST", "/Users", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", enterprise],
        "userName": name,
        "name": {"givenName": given, "familyName": family, "formatted": f"{given} {family}"},
        "emails": [{"value": f"{name}@acme.example", "type": "work", "primary": True}],
        "active": active,
        "roles": [{"value": "approver"}],
        enterprise: {"employeeNumber": number},
    })
    return made["id"]


def before():
    ids = {"ada": user("ada", "1042", "Ada", "Okafor"), "ben": user("ben", "1043", "Ben", "Levi")}
    # Somebody who left before and was deactivated: shows that this provider lists inactive users.
    user("old", "1001", "Old", "Timer", active=False)
    for name, members in [("payments", ["ada", "ben"]), ("reports", ["ben"]), ("expenses", ["ada"])]:
        group = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": [{"value": ids[member], "type": "User"} for member in members],
        }
        ids[name] = call("POST", "/Groups", group)["id"]
    (DIR / "objects.json").write_text(json.dumps(ids))


def patch(path, operation):
    schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    call("PATCH", path, {"schemas": schemas, "Operations": [operation]})


def half():
    """Deactivated and taken out of one group of two."""
    ids = json.loads((DIR / "objects.json").read_text())
    patch(f"/Users/{ids['ada']}", {"op": "replace", "path": "active", "value": False})
    patch(f"/Groups/{ids['expenses']}", {"op": "remove", "path": f"members[value eq \"{ids['ada']}\"]"})


def finish():
    """Out of the other group first: this server leaves the id of a deleted user among the members."""
    ids = json.loads((DIR / "objects.json").read_text())
    patch(f"/Groups/{ids['payments']}", {"op": "remove", "path": f"members[value eq \"{ids['ada']}\"]"})
    call("DELETE", f"/Users/{ids['ada']}")


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

"""Serves OpenBao on loopback and plays the removal of one person on it.

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
URL = f"http://127.0.0.1:{PORT}"
ROOT = "root"
READER = DIR / "reader"

# What the manifest asks for and nothing else: no revocation, no secret, and not the default policy either.
READER_POLICY = """
path "sys/auth" { capabilities = ["read"] }
path "auth/token/accessors" { capabilities = ["list", "sudo"] }
path "auth/token/lookup-accessor" { capabilities = ["update"] }
path "identity/entity/id" { capabilities = ["list"] }
path "identity/entity/id/*" { capabilities = ["read"] }
path "identity/group/id" { capabilities = ["list"] }
path "identity/group/id/*" { capabilities = ["read"] }
path "auth/userpass/users" { capabilities = ["list"] }
path "auth/userpass/users/*" { capabilities = ["read"] }
path "auth/approle/role" { capabilities = ["list"] }
path "auth/approle/role/+" { capabilities = ["read"] }
path "auth/approle/role/+/secret-id" { capabilities = ["list"] }
path "auth/approle/role/+/secret-id/" { capabilities = ["list"] }
path "auth/approle/role/+/secret-id-accessor/lookup" { capabilities = ["update"] }
path "sys/capabilities-self" { capabilities = ["update"] }
"""

DEPLOY_POLICY = """
path "secret/data/deploy/*" { capabilities = ["read"] }
path "auth/token/create" { capabilities = ["update"] }
path "auth/approle/role/deployer/secret-id" { capabilities = ["update"] }
"""


def call(method, path, body=None, token=ROOT):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/v1/{path}", data, {"X-Vault-Token": token}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else {}


def serve():
    program = os.path.join(os.environ["EXEUNT_LAB_VENV"], "bin", "bao")
    os.environ["HOME"] = str(DIR)
    os.execv(program, [program, "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}",
                       f"-dev-listen-address=127.0.0.1:{PORT}"])


def ready():
    for _ in range(150):
        try:
            return call("GET", "sys/auth")
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def policy(name, text):
    call("PUT", f"sys/policies/acl/{name}", {"policy": text})


def system():
    policy("exeunt-reader", READER_POLICY)
    asked = {"policies": ["exeunt-reader"], "no_default_policy": True, "display_name": "exeunt"}
    READER.write_text(call("POST", "auth/token/create-orphan", asked)["auth"]["client_token"])
    print(json.dumps({
        "connector": "openbao",
        "url": URL,
        "auth": {"header": f"file:{READER}"},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def signed_in(user):
    return call("POST", f"auth/userpass/login/{user}", {"password": f"the password of {user}"})["auth"]


def before():
    policy("deploy", DEPLOY_POLICY)
    call("POST", "sys/auth/userpass", {"type": "userpass"})
    call("POST", "sys/auth/approle", {"type": "approle"})
    mount = call("GET", "sys/auth")["data"]["userpass/"]["accessor"]
    ids = {}
    for user, number in [("ada", "1042"), ("ben", "1043")]:
        call("POST", f"auth/userpass/users/{user}", {"password": f"the password of {user}", "token_policies": "deploy"})
        metadata = {"employee_number": number, "email": f"{user}@acme.example"}
        made = call("POST", "identity/entity", {"name": user, "policies": ["deploy"], "metadata": metadata})
        ids[user] = made["data"]["id"]
        call("POST", "identity/entity-alias", {"name": user, "canonical_id": ids[user], "mount_accessor": mount})
    for group, members in [("platform", ["ada", "ben"]), ("expenses", ["ada"]), ("reports", ["ben"])]:
        call("POST", "identity/group", {"name": group, "member_entity_ids": [ids[member] for member in members]})
    for role in ["deployer", "nightly"]:
        call("POST", f"auth/approle/role/{role}", {"token_policies": "deploy"})
    tokens = {user: signed_in(user) for user in ["ada", "ben"]}
    # A token of her token, which goes with it.
    call("POST", "auth/token/create", {"display_name": "laptop"}, tokens["ada"]["client_token"])
    secrets = {}
    for user in ["ada", "ben"]:
        owner = {"metadata": json.dumps({"owner": f"{user}@acme.example"})}
        secrets[user] = call("POST", "auth/approle/role/deployer/secret-id", owner, tokens[user]["client_token"])["data"]
    role = call("GET", "auth/approle/role/deployer/role-id")["data"]["role_id"]
    machine = call("POST", "auth/approle/login", {"role_id": role, "secret_id": secrets["ada"]["secret_id"]})["auth"]
    ids |= {
        "ada token": tokens["ada"]["accessor"],
        "machine token": machine["accessor"],
        "ada secret": secrets["ada"]["secret_id_accessor"],
        "ben secret": secrets["ben"]["secret_id_accessor"],
    }
    (DIR / "objects.json").write_text(json.dumps(ids))


def half():
    """The user is deleted, so that nobody can sign in with the password, and she is out of one group of two."""
    call("DELETE", "auth/userpass/users/ada")
    call("POST", "identity/group/name/expenses", {"member_entity_ids": []})


def finish():
    """Her tokens, the secret id, what came of it, and the entity."""
    ids = json.loads((DIR / "objects.json").read_text())
    call("POST", "auth/approle/role/deployer/secret-id-accessor/destroy", {"secret_id_accessor": ids["ada secret"]})
    for token in ["machine token", "ada token"]:
        call("POST", "auth/token/revoke-accessor", {"accessor": ids[token]})
    call("DELETE", f"identity/entity/id/{ids['ada']}")


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

"""Serves an IAM Identity Center on loopback (moto) and plays the removal of one person from it.

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
OBJECTS = DIR / "objects.json"
TARGETS = {"sso": "SWBExternalService", "identitystore": "AWSIdentityStore", "organizations": "AWSOrganizationsV20161128"}


def call(service, action, **body):
    # The emulator finds the service in the credential's scope.
    scope = (f"AWS4-HMAC-SHA256 Credential=AKIASEED/20260101/us-east-1/{service}/aws4_request, "
             "SignedHeaders=host;x-amz-date, Signature=0")
    headers = {"Authorization": scope, "Content-Type": "application/x-amz-json-1.1",
               "X-Amz-Target": f"{TARGETS[service]}.{action}"}
    request = urllib.request.Request(URL, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read().decode() or "{}")


def serve():
    python = os.path.join(os.environ["EXEUNT_LAB_VENV"], "bin", "python")
    os.execv(python, [python, __file__, "emulate"])


def emulate():
    """The emulator, with what it lacks: the status of a user, applications (here there are none), and the accounts in which
    a permission set is assigned, for which it names the caller's own."""
    from moto.identitystore.responses import IdentityStoreResponse
    from moto.server import main
    from moto.ssoadmin.models import SSOAdminBackend
    from moto.ssoadmin.responses import SSOAdminResponse

    listed = IdentityStoreResponse.list_users

    def list_users(self):
        answer = json.loads(listed(self))
        for user in answer["Users"]:
            user["UserStatus"] = "ENABLED"
        return json.dumps(answer)

    def list_accounts(self, instance_arn, permission_set_arn):
        of = [one for one in self.account_assignments if one.permission_set_arn == permission_set_arn]
        return sorted({one.target_id for one in of})

    IdentityStoreResponse.list_users = list_users
    SSOAdminBackend.list_accounts_for_provisioned_permission_set = list_accounts
    SSOAdminResponse.list_applications = lambda self: json.dumps({"Applications": []})
    sys.exit(main(["-H", "127.0.0.1", "-p", PORT]))


def ready():
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{URL}/moto-api/", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def system():
    for name, value in [("AccessKeyId", "AKIAEXEUNTREADER0000"), ("SecretAccessKey", "a-key-of-the-lab")]:
        file = DIR / name
        file.touch(0o600)
        file.write_text(value)
    print(json.dumps({
        "connector": "aws-identity-center",
        "url": URL,
        "auth": {"sigv4": {"region": "us-east-1", "access_key_id": f"file:{DIR}/AccessKeyId",
                           "secret_access_key": f"file:{DIR}/SecretAccessKey"}},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def assignment(ids, of, kind, who):
    return {"InstanceArn": ids["instance"], "TargetId": ids["workloads"], "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": ids[of], "PrincipalType": kind, "PrincipalId": ids[who]}


def before():
    call("organizations", "CreateOrganization", FeatureSet="ALL")
    made = call("organizations", "CreateAccount", AccountName="workloads", Email="aws-workloads@acme.example")
    instance = call("sso", "ListInstances")["Instances"][0]
    store = instance["IdentityStoreId"]
    ids = {"instance": instance["InstanceArn"], "store": store, "workloads": made["CreateAccountStatus"]["AccountId"]}
    for given, family in [("Ada", "Okafor"), ("Ben", "Levi")]:
        address = f"{given.lower()}@acme.example"
        user = call("identitystore", "CreateUser", IdentityStoreId=store, UserName=address, DisplayName=f"{given} {family}",
                    Name={"GivenName": given, "FamilyName": family},
                    Emails=[{"Value": address, "Type": "work", "Primary": True}])
        ids[given.lower()] = user["UserId"]
    ids["operators"] = call("identitystore", "CreateGroup", IdentityStoreId=store, DisplayName="operators")["GroupId"]
    for name in ["ada", "ben"]:
        member = call("identitystore", "CreateGroupMembership", IdentityStoreId=store, GroupId=ids["operators"],
                      MemberId={"UserId": ids[name]})
        ids[f"{name} in operators"] = member["MembershipId"]
    for name in ["AdministratorAccess", "ReadOnly"]:
        made = call("sso", "CreatePermissionSet", InstanceArn=ids["instance"], Name=name)
        ids[name] = made["PermissionSet"]["PermissionSetArn"]
    given = [("AdministratorAccess", "USER", "ada"), ("AdministratorAccess", "USER", "ben"), ("ReadOnly", "GROUP", "operators")]
    for of, kind, who in given:
        call("sso", "CreateAccountAssignment", **assignment(ids, of, kind, who))
    OBJECTS.write_text(json.dumps(ids))


def half():
    """Her own assignment is deleted; the one of her group goes on, and nobody looks at her user."""
    ids = json.loads(OBJECTS.read_text())
    call("sso", "DeleteAccountAssignment", **assignment(ids, "AdministratorAccess", "USER", "ada"))


def finish():
    ids = json.loads(OBJECTS.read_text())
    call("identitystore", "DeleteGroupMembership", IdentityStoreId=ids["store"], MembershipId=ids["ada in operators"])
    call("identitystore", "DeleteUser", IdentityStoreId=ids["store"], UserId=ids["ada"])


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, emulate, ready, system, before, half, finish, stop)}[sys.argv[1]]()

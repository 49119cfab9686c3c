"""Serves an AWS organization on loopback (moto) and plays the removal of one person in three of its accounts.

Called with one word: serve, ready, system, before, half, finish, stop. See docs/guides/test-on-a-real-server.md.
"""

import json
import os
import pathlib
import re
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

DIR = pathlib.Path(os.environ["EXEUNT_LAB_DIR"])
PORT = os.environ["EXEUNT_LAB_PORT"]
URL = f"http://127.0.0.1:{PORT}"
OBJECTS = DIR / "objects.json"
MANAGEMENT = "123456789012"
ROLE = "exeunt-audit"
EXTERNAL_ID = "acme-audit"

# What the manifest asks for and nothing else.
READS = ["iam:Get*", "iam:List*"]
ASKS = ["organizations:DescribeOrganization", "organizations:ListAccounts", "sts:AssumeRole", "sts:GetCallerIdentity"]


def post(path, headers, body):
    request = urllib.request.Request(f"{URL}{path}", body.encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def scope(service):
    # The emulator finds the service in the credential's scope.
    return (f"AWS4-HMAC-SHA256 Credential=AKIASEED/20260101/us-east-1/{service}/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=0")


def iam(account, action, **parameters):
    form = {"Action": action, "Version": "2010-05-08"} | {key.replace("_", "."): value for key, value in parameters.items()}
    headers = {"Authorization": scope("iam"), "x-moto-account-id": account,
               "Content-Type": "application/x-www-form-urlencoded"}
    return post("/", headers, urllib.parse.urlencode(form))


def organizations(action, **body):
    headers = {"Authorization": scope("organizations"), "Content-Type": "application/x-amz-json-1.1",
               "X-Amz-Target": f"AWSOrganizationsV20161128.{action}", "x-moto-account-id": MANAGEMENT}
    return json.loads(post("/", headers, json.dumps(body)) or "{}")


def element(answer, name):
    return re.search(f"<{name}>([^<]*)</{name}>", answer).group(1)


def elements(answer, name):
    return re.findall(f"<{name}>([^<]*)</{name}>", answer)


def guard(calls):
    """How many calls go unchecked: all of them while the play changes something, none while the program reads."""
    post("/moto-api/reset-auth", {"Content-Type": "text/plain"}, calls)


def allow(actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]})


def trust(principals, condition=None):
    statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def serve():
    python = os.path.join(os.environ["EXEUNT_LAB_VENV"], "bin", "python")
    os.execv(python, [python, __file__, "emulate"])


def emulate():
    """The emulator, with what it lacks: the calls for service-specific credentials, which it answers with a web page
    (here there are none), a signature checked on the bytes that were sent, the unique ids of users in their own form,
    and a role that is there, in an account that is open, and was told the external id it wants."""
    from moto.core.responses import ActionResult, BaseResponse
    from moto.iam.models import User, iam_backends
    from moto.iam.responses import IamResponse
    from moto.organizations.models import organizations_backends
    from moto.server import main
    from moto.sts.exceptions import STSClientError
    from moto.sts.responses import TokenResponse

    def list_service_specific_credentials(self):
        self.backend.get_user(self._get_param("UserName"))
        return ActionResult({"ServiceSpecificCredentials": []})

    IamResponse.list_service_specific_credentials = list_service_specific_credentials
    set_up = BaseResponse.setup_class

    def setup_class(self, request, *args, **kwargs):
        # Read once before the form is parsed, the bytes stay with the request.
        request.get_data(cache=True)
        return set_up(self, request, *args, **kwargs)

    BaseResponse.setup_class = setup_class
    make = User.__init__

    def make_user(self, *args, **kwargs):
        make(self, *args, **kwargs)
        self.id = "AIDA" + secrets.token_hex(8).upper()

    User.__init__ = make_user
    assume = TokenResponse.assume_role

    def assume_role(self):
        arn = self._get_param("RoleArn")
        roles = iam_backends[arn.split(":")[4]]["aws"].roles.values()
        role = next((role for role in roles if role.arn == arn), None)
        wanted = role and re.search('"sts:ExternalId": "([^"]*)"', role.assume_role_policy_document)
        members = organizations_backends[MANAGEMENT]["aws"].accounts
        closed = any(account.id == arn.split(":")[4] and account.status != "ACTIVE" for account in members)
        if closed or role is None or (wanted and wanted.group(1) != self._get_param("ExternalId")):
            raise STSClientError("AccessDenied", f"not authorized to perform: sts:AssumeRole on resource: {arn}")
        return assume(self)

    TokenResponse.assume_role = assume_role
    sys.exit(main(["-H", "127.0.0.1", "-p", PORT]))


def ready():
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{URL}/moto-api/", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def audited(account):
    """The role that the program assumes, as an administrator rolls it out to every account."""
    reader = f"arn:aws:iam::{MANAGEMENT}:user/exeunt-reader"
    policy = trust(reader, {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}})
    iam(account, "CreateRole", RoleName=ROLE, AssumeRolePolicyDocument=policy)
    iam(account, "PutRolePolicy", RoleName=ROLE, PolicyName="reads", PolicyDocument=allow(READS))


def system():
    guard("1000000000")
    iam(MANAGEMENT, "CreateUser", UserName="exeunt-reader")
    iam(MANAGEMENT, "PutUserPolicy", UserName="exeunt-reader", PolicyName="reads", PolicyDocument=allow(READS + ASKS))
    made = iam(MANAGEMENT, "CreateAccessKey", UserName="exeunt-reader")
    for name in ["AccessKeyId", "SecretAccessKey"]:
        file = DIR / name
        file.touch(0o600)
        file.write_text(element(made, name))
    guard("0")
    print(json.dumps({
        "connector": "aws-organization",
        "url": URL,
        # The closed account lets nobody in.
        "settings": {"role_name": ROLE, "external_id": EXTERNAL_ID, "leave_out": json.loads(OBJECTS.read_text())["sandbox"]},
        "auth": {"sigv4": {"region": "us-east-1", "access_key_id": f"file:{DIR}/AccessKeyId",
                           "secret_access_key": f"file:{DIR}/SecretAccessKey"}},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def user(account, name, number):
    made = iam(account, "CreateUser", UserName=name, Tags_member_1_Key="employeeNumber", Tags_member_1_Value=number)
    return element(made, "UserId")


def before():
    guard("1000000000")
    organizations("CreateOrganization", FeatureSet="ALL")
    ids = {}
    for name in ["workloads", "payments", "sandbox"]:
        made = organizations("CreateAccount", AccountName=name, Email=f"aws-{name}@acme.example")
        ids[name] = made["CreateAccountStatus"]["AccountId"]
        audited(ids[name])
    workloads, payments = ids["workloads"], ids["payments"]
    # A closed account stays in the list.
    organizations("CloseAccount", AccountId=ids["sandbox"])
    # Where everybody signs in: Ada and Ben, who may use what trusts the whole account in one account.
    for name, number in [("ada", "1042"), ("ben", "1043")]:
        ids[name] = user(MANAGEMENT, name, number)
        iam(MANAGEMENT, "CreateLoginProfile", UserName=name, Password="Pass-word-1042-of-the-lab")
        made = iam(MANAGEMENT, "CreateAccessKey", UserName=name)
        ids[f"{name} key"] = element(made, "AccessKeyId")
        access = f"arn:aws:iam::{payments}:role/organization-access"
        iam(MANAGEMENT, "PutUserPolicy", UserName=name, PolicyName="payments", PolicyDocument=allow(["sts:AssumeRole"], access))
    # The workloads trust both by name, and hold a user of hers that nobody thinks of.
    ids["ada there"] = user(workloads, "ada", "1042")
    made = iam(workloads, "CreateAccessKey", UserName="ada")
    ids["ada key there"] = element(made, "AccessKeyId")
    people = [f"arn:aws:iam::{MANAGEMENT}:user/{name}" for name in ["ada", "ben"]]
    iam(workloads, "CreateRole", RoleName="deployer", AssumeRolePolicyDocument=trust(people))
    iam(workloads, "CreateGroup", GroupName="operators")
    iam(workloads, "AddUserToGroup", GroupName="operators", UserName="ada")
    # The payments trust the whole management account, and the deployer of the workloads.
    root = f"arn:aws:iam::{MANAGEMENT}:root"
    iam(payments, "CreateRole", RoleName="organization-access", AssumeRolePolicyDocument=trust(root))
    deployer = f"arn:aws:iam::{workloads}:role/deployer"
    iam(payments, "CreateRole", RoleName="ledger", AssumeRolePolicyDocument=trust(deployer))
    OBJECTS.write_text(json.dumps(ids))
    guard("0")


def delete(account, name):
    for key in elements(iam(account, "ListAccessKeys", UserName=name), "AccessKeyId"):
        iam(account, "DeleteAccessKey", UserName=name, AccessKeyId=key)
    for policy in elements(iam(account, "ListUserPolicies", UserName=name), "member"):
        iam(account, "DeleteUserPolicy", UserName=name, PolicyName=policy)
    for group in elements(iam(account, "ListGroupsForUser", UserName=name), "GroupName"):
        iam(account, "RemoveUserFromGroup", UserName=name, GroupName=group)
    try:
        iam(account, "DeleteLoginProfile", UserName=name)
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
    iam(account, "DeleteUser", UserName=name)


def half():
    """Her user where everybody signs in is deleted with everything it held; nobody looks into the other accounts."""
    guard("1000000000")
    ids = json.loads(OBJECTS.read_text())
    delete(MANAGEMENT, "ada")
    # AWS shows the unique id of a deleted user where its ARN stood; the emulator leaves the ARN, so it is done here.
    principals = [ids["ada"], f"arn:aws:iam::{MANAGEMENT}:user/ben"]
    iam(ids["workloads"], "UpdateAssumeRolePolicy", RoleName="deployer", PolicyDocument=trust(principals))
    guard("0")


def finish():
    """The entry in the trust policy, and her other user."""
    guard("1000000000")
    ids = json.loads(OBJECTS.read_text())
    ben = f"arn:aws:iam::{MANAGEMENT}:user/ben"
    iam(ids["workloads"], "UpdateAssumeRolePolicy", RoleName="deployer", PolicyDocument=trust(ben))
    delete(ids["workloads"], "ada")
    guard("0")


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, emulate, ready, system, before, half, finish, stop)}[sys.argv[1]]()

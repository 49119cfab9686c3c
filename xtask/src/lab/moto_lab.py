"""The AWS emulator, with the IAM calls that it lacks and a leaver needs.

moto 5.2.5 answers the service-specific credential calls with an HTML error page. A reader that
is honest can then never call a leaver's AWS clear, so the lab adds the calls, with state and
with the shapes of the service model. moto also checks a signature against a form that it has
written anew, and so refuses bodies that AWS accepts (a `/` or `:` left as it is); here it checks
the bytes that were sent. Everything else is moto's own.
"""

import secrets
import sys

from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow
from moto.iam.exceptions import DeleteConflictException, NotFoundException
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse
from moto.server import main

CREDENTIALS = {}


def _find(name, credential_id):
    for credential in CREDENTIALS.get(name, []):
        if credential["ServiceSpecificCredentialId"] == credential_id:
            return credential
    raise NotFoundException(f"No such credential {credential_id} exists")


def create_service_specific_credential(self):
    name = self._get_param("UserName")
    self.backend.get_user(name)
    credential = {
        "CreateDate": utcnow(),
        "ServiceName": self._get_param("ServiceName"),
        "ServiceUserName": f"{name}-at-{self.current_account}",
        "ServicePassword": secrets.token_urlsafe(24),
        "ServiceSpecificCredentialId": "ACCA" + secrets.token_hex(8).upper(),
        "UserName": name,
        "Status": "Active",
    }
    CREDENTIALS.setdefault(name, []).append(credential)
    return ActionResult({"ServiceSpecificCredential": credential})


def list_service_specific_credentials(self):
    name = self._get_param("UserName")
    self.backend.get_user(name)
    service = self._get_param("ServiceName")
    found = [
        {key: value for key, value in credential.items() if key != "ServicePassword"}
        for credential in CREDENTIALS.get(name, [])
        if service in (None, credential["ServiceName"])
    ]
    return ActionResult({"ServiceSpecificCredentials": found})


def update_service_specific_credential(self):
    credential = _find(self._get_param("UserName"), self._get_param("ServiceSpecificCredentialId"))
    credential["Status"] = self._get_param("Status")
    return EmptyResult()


def delete_service_specific_credential(self):
    name = self._get_param("UserName")
    CREDENTIALS[name].remove(_find(name, self._get_param("ServiceSpecificCredentialId")))
    return EmptyResult()


for call in (
    create_service_specific_credential,
    list_service_specific_credentials,
    update_service_specific_credential,
    delete_service_specific_credential,
):
    setattr(IamResponse, call.__name__, call)

_delete_user = IAMBackend.delete_user


def delete_user(self, user_name):
    if CREDENTIALS.get(user_name):
        raise DeleteConflictException(
            "Cannot delete entity, must delete service-specific credentials first."
        )
    return _delete_user(self, user_name)


IAMBackend.delete_user = delete_user

_setup_class = BaseResponse.setup_class


def setup_class(self, request, *args, **kwargs):
    # Read once before the form is parsed, the bytes stay with the request.
    request.get_data(cache=True)
    return _setup_class(self, request, *args, **kwargs)


BaseResponse.setup_class = setup_class

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Serves a Samba domain controller on loopback and plays the removal of one person on it.

Called with one word: serve, ready, system, before, half, finish, stop. See docs/guides/test-on-a-real-server.md.

Samba's ports are fixed, so each run has a loopback address of its own, made from the port it was given. The certificate
is for that address.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import secrets
import shutil
import struct
import subprocess
import sys
import time

DIR = pathlib.Path(os.environ["EXEUNT_LAB_DIR"])
PORT = int(os.environ["EXEUNT_LAB_PORT"])
HOST = f"127.77.{PORT // 256}.{PORT % 256}"
URL = f"ldaps://{HOST}:636"
DOMAIN = "DC=ad,DC=acme,DC=example"
CONF = DIR / "dc1" / "etc" / "smb.conf"
CA = DIR / "ca.pem"
ADMIN, READER = DIR / "admin.password", DIR / "reader.password"
STAFF, GROUPS = f"OU=Staff,{DOMAIN}", f"OU=Groups,{DOMAIN}"
SERVICES = f"OU=Service Accounts,{DOMAIN}"
ADA, BEN = f"CN=Ada Okafor,{STAFF}", f"CN=Ben Levi,{STAFF}"
MANAGED = f"CN=gmsa-web,CN=Managed Service Accounts,{DOMAIN}"
SERVER = f"CN=FS1,CN=Computers,{DOMAIN}"


def program(name):
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def run(*command, text=None, allowed=(0,)):
    done = subprocess.run(command, input=text, text=True, capture_output=True, env={**os.environ, "LDAPTLS_CACERT": str(CA)})
    if done.returncode not in allowed:
        sys.exit(f"{command[0]}: {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def new_password():
    return f"Aa1-{secrets.token_urlsafe(18)}"


def certificates():
    """An authority of this run and a certificate for its address."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
    run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=Lab authority",
        "-keyout", str(DIR / "ca.key"), "-out", str(CA))
    run("openssl", "req", *key, "-subj", "/CN=dc1.ad.acme.example",
        "-keyout", str(DIR / "tls.key"), "-out", str(DIR / "tls.csr"))
    (DIR / "names").write_text(f"subjectAltName=DNS:dc1.ad.acme.example,IP:{HOST}\n")
    run("openssl", "x509", "-req", "-in", str(DIR / "tls.csr"), "-CA", str(CA), "-CAkey", str(DIR / "ca.key"),
        "-CAcreateserial", "-days", "2", "-extfile", str(DIR / "names"), "-out", str(DIR / "tls.pem"))
    os.chmod(DIR / "tls.key", 0o600)


def serve():
    ADMIN.write_text(new_password())
    READER.write_text(new_password())
    os.chmod(ADMIN, 0o600)
    os.chmod(READER, 0o600)
    certificates()
    run("samba-tool", "domain", "provision", "--realm=AD.ACME.EXAMPLE", "--domain=ACME", "--server-role=dc",
        "--dns-backend=NONE", f"--adminpass={ADMIN.read_text()}", "--host-name=dc1", f"--host-ip={HOST}",
        f"--targetdir={DIR / 'dc1'}", f"--option=interfaces={HOST}/8", "--option=bind interfaces only=yes",
        f"--option=posix:eadb={DIR / 'eadb.tdb'}")
    kept = [line for line in CONF.read_text().split("[homes]")[0].splitlines()
            if not re.match(r"\s*(server services|log file|panic action)\s*=", line)]
    CONF.write_text("\n".join(kept + [
        "\tserver services = ldap", f"\tlog file = {DIR}/log.%m", f"\tpid directory = {DIR}",
        f"\tncalrpc dir = {DIR}/ncalrpc", f"\ttls keyfile = {DIR}/tls.key", f"\ttls certfile = {DIR}/tls.pem",
        f"\ttls cafile = {CA}", "\tdsdb:schema update allowed = true", ""]))
    samba = program("samba")
    os.execv(samba, [samba, "-F", "--no-process-group", "-M", "single", "-s", str(CONF), "-l", str(DIR)])


def as_admin(tool):
    return [tool, "-H", URL, "-D", "Administrator@ad.acme.example", "-y", str(ADMIN)]


def ready():
    # Making a domain takes most of the time, and a machine may be busy with other servers.
    for _ in range(600):
        asked = [*as_admin("ldapsearch"), "-LLL", "-b", "", "-s", "base", "defaultNamingContext"]
        if ADMIN.exists() and CA.exists():
            answer = subprocess.run(asked, capture_output=True, env={**os.environ, "LDAPTLS_CACERT": str(CA)})
            if answer.returncode == 0:
                return
        time.sleep(0.2)
    sys.exit("no answer within two minutes")


def system():
    print(json.dumps({
        "connector": "active-directory",
        "url": URL,
        "settings": {"domain": DOMAIN},
        "auth": {"ldap_simple": {"dn": "exeunt-reader@ad.acme.example", "password": f"file:{READER}"}},
        "tls": {"ca_file": str(CA)},
        "allow_private": True,
    }))


def value(text):
    return f":: {base64.b64encode(text).decode()}" if isinstance(text, bytes) else f": {text}"


def ldif(dn, change, attributes):
    lines = [f"dn: {dn}", f"changetype: {change}"]
    for name, values in attributes.items():
        if change == "modify":
            operation, name = name.split(" ") if " " in name else ("replace", name)
            lines.append(f"{operation}: {name}")
        lines += [name + value(one) for one in (values if isinstance(values, list) else [values])]
        if change == "modify":
            lines.append("-")
    return "\n".join(lines) + "\n\n"


def apply(*changes):
    run(*as_admin("ldapmodify"), text="".join(changes))


def add(dn, **attributes):
    return ldif(dn, "add", {name.replace("__", "-"): given for name, given in attributes.items()})


def change(dn, attributes):
    return ldif(dn, "modify", attributes)


def read(dn, attribute):
    found = run(*as_admin("ldapsearch"), "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", attribute)
    return base64.b64decode(re.search(rf"(?i)^{attribute}:: (\S+)$", found, re.MULTILINE)[1])


def guid(dn):
    raw = read(dn, "objectGUID")
    parts = raw[3::-1], raw[5:3:-1], raw[7:5:-1], raw[8:10], raw[10:]
    return "-".join(part.hex() for part in parts)


def rid(dn):
    return struct.unpack("<I", read(dn, "objectSid")[-4:])[0]


def unicode_password(password):
    return f'"{password}"'.encode("utf-16-le")


def descriptor(*dns):
    """A security descriptor that allows everything to some (MS-DTYP 2.4.6)."""
    entries = b""
    for dn in dns:
        body = struct.pack("<I", 0xF01FF) + read(dn, "objectSid")
        entries += struct.pack("<BBH", 0, 0, 4 + len(body)) + body
    owner = bytes([1, 2, 0, 0, 0, 0, 0, 5]) + struct.pack("<II", 32, 544)
    head = struct.pack("<BBHIIII", 1, 0, 0x8004, 20, 0, 0, 20 + len(owner))
    return head + owner + struct.pack("<BBHHH", 2, 0, 8 + len(entries), len(dns), 0) + entries


def key_credential(dn):
    """A key as Windows Hello writes it (MS-ADTS 2.2.20); nobody has its private part."""
    material = b"RSA1" + struct.pack("<IIIII", 2048, 3, 256, 0, 0) + b"\x01\x00\x01" + b"\x5a" * 256
    entries = [(1, hashlib.sha256(material).digest()), (3, material), (4, b"\x01"), (5, b"\x00"),
               (9, struct.pack("<Q", int((time.time() + 11_644_473_600) * 10_000_000)))]
    blob = struct.pack("<I", 0x200) + b"".join(struct.pack("<HB", len(part), name) + part for name, part in entries)
    return f"B:{2 * len(blob)}:{blob.hex().upper()}:{dn}"


def own_certificate():
    made = DIR / "ada.der"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "400",
        "-set_serial", "0x4100000004C3D1A90E55", "-subj", "/DC=example/DC=acme/CN=Ada Okafor",
        "-keyout", str(DIR / "ada.key"), "-outform", "DER", "-out", str(made))
    return made.read_bytes()


def schema():
    """The attribute that Windows Server 2016 brought; Samba 4.17 provisions the schema before it."""
    place = f"CN=Schema,CN=Configuration,{DOMAIN}"
    update = change("", {"add schemaUpdateNow": "1"})
    apply(add(f"CN=ms-DS-Key-Credential-Link,{place}", objectClass="attributeSchema",
              attributeID="1.2.840.113556.1.4.2328", attributeSyntax="2.5.5.7", isSingleValued="FALSE", linkID="2220",
              oMObjectClass=base64.b64decode("KoZIhvcUAQEBCw=="), oMSyntax="127", searchFlags="0",
              lDAPDisplayName="msDS-KeyCredentialLink", schemaIDGUID=base64.b64decode("D9ZHW5BgskCfNypN6I8wYw==")),
          update, change(f"CN=User,{place}", {"add mayContain": "msDS-KeyCredentialLink"}), update)


def person(dn, name, number, **more):
    mail = {} if name.endswith("-adm") else {"mail": f"{name}@acme.example"}
    return add(dn, objectClass="user", sAMAccountName=name, userPrincipalName=f"{name}@acme.example", employeeID=number,
               displayName=dn.split(",")[0][3:], unicodePwd=unicode_password(new_password()), userAccountControl="512",
               **mail, **more)


def group(name, *members, **more):
    return add(f"CN={name},{GROUPS}", objectClass="group", sAMAccountName=name, **({"member": list(members)} if members else {}),
               **more)


def delegation(*what):
    """This server lets nobody write the attribute by LDAP once the entry is there."""
    run("samba-tool", "delegation", *what, "-s", str(CONF))


def before():
    schema()
    units = [add(unit, objectClass="organizationalUnit") for unit in (STAFF, GROUPS, f"OU=Contractors,{DOMAIN}")]
    namesake = f"CN=Ada Okafor,OU=Contractors,{DOMAIN}"
    apply(
        *units,
        person(BEN, "ben", "1043"),
        person(ADA, "ada", "1042", manager=BEN, servicePrincipalName="HTTP/wiki-dev.acme.example",
               userCertificate=own_certificate(),
               altSecurityIdentities=["X509:<I>DC=example,DC=acme,CN=Acme Issuing CA 1<SR>2b0000000a", "Kerberos:ada@PARTNER.EXAMPLE"]),
        person(f"CN=Ada Okafor (admin),{STAFF}", "ada-adm", "1042"),
        person(namesake, "aokafor2", "2077"),
        add(SERVICES, objectClass="organizationalUnit", managedBy=ADA),
        add(f"CN=svc-build,{SERVICES}", objectClass="user", sAMAccountName="svc-build", manager=ADA,
            servicePrincipalName="HTTP/build.acme.example", msDS__AllowedToDelegateTo="cifs/fs1.acme.example",
            unicodePwd=unicode_password(new_password()), userAccountControl="16843264"),
        add(f"CN=svc-scan,{SERVICES}", objectClass="user", sAMAccountName="svc-scan", manager=BEN,
            unicodePwd=unicode_password(new_password()), userAccountControl="66048"),
        add(f"CN=exeunt-reader,CN=Users,{DOMAIN}", objectClass="user", sAMAccountName="exeunt-reader",
            userPrincipalName="exeunt-reader@ad.acme.example", unicodePwd=unicode_password(READER.read_text()),
            userAccountControl="66048"),
        group("engineering", ADA), group("vpn", f"CN=engineering,{GROUPS}"), group("dev", ADA, BEN),
        group("all-eng", f"CN=dev,{GROUPS}"), group("web-operators", ADA, BEN), group("release", BEN, managedBy=ADA),
        group("payroll", namesake),
        change(f"CN=Domain Admins,CN=Users,{DOMAIN}", {"add member": [f"CN=all-eng,{GROUPS}", f"CN=Ada Okafor (admin),{STAFF}"]}),
    )
    apply(
        # The server takes her out of the group's members and puts her into Domain Users.
        change(ADA, {"primaryGroupID": str(rid(f"CN=engineering,{GROUPS}")), "add msDS-KeyCredentialLink": key_credential(ADA)}),
        add(MANAGED, objectClass="msDS-GroupManagedServiceAccount", sAMAccountName="gmsa-web$",
            dNSHostName="gmsa-web.ad.acme.example", msDS__ManagedPasswordInterval="30", userAccountControl="4096", managedBy=ADA,
            unicodePwd=unicode_password(new_password()), msDS__GroupMSAMembership=descriptor(f"CN=web-operators,{GROUPS}")),
        add(SERVER, objectClass="computer", sAMAccountName="FS1$", userAccountControl="4096", managedBy=BEN,
            unicodePwd=unicode_password(new_password())),
    )
    delegation("add-principal", "FS1$", "ada")
    delegation("add-principal", "FS1$", "svc-build")
    people = {"ada": ADA, "ben": BEN}
    (DIR / "objects.json").write_text(json.dumps({name: guid(dn) for name, dn in people.items()}))


def half():
    """Disabled, with a new password and out of one group; her administrator's account has an end in the past."""
    yesterday = str(int((time.time() - 86_400 + 11_644_473_600) * 10_000_000))
    apply(
        change(ADA, {"userAccountControl": "514", "unicodePwd": unicode_password(new_password())}),
        change(f"CN=web-operators,{GROUPS}", {"delete member": ADA}),
        change(f"CN=Ada Okafor (admin),{STAFF}", {"accountExpires": yesterday}),
    )


def finish():
    """Her identifier out of the delegation, everything handed over with new passwords, both accounts deleted."""
    delegation("del-principal", "FS1$", "ada")
    apply(
        change(f"CN=svc-build,{SERVICES}", {"manager": BEN, "unicodePwd": unicode_password(new_password())}),
        change(MANAGED, {"managedBy": BEN}),
        change(SERVICES, {"managedBy": BEN}),
        change(f"CN=release,{GROUPS}", {"managedBy": BEN}),
        f"dn: {ADA}\nchangetype: delete\n\n",
        f"dn: CN=Ada Okafor (admin),{STAFF}\nchangetype: delete\n\n",
    )
    # Windows changes the password of such an account by itself; this server does not, and lets nobody do it by LDAP.
    run("samba-tool", "user", "setpassword", "gmsa-web$", f"--newpassword={new_password()}", "-s", str(CONF))


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

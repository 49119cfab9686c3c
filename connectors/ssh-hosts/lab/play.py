"""Serves OpenSSH on loopback and plays the removal of one user on it.

The host's users, groups and sudo rules are files of the scratch folder, put over those in /etc in a mount namespace of
sshd's own: nothing of this machine is changed. They are written in place, as `passwd -l` and `userdel` would have it.

Called with one word: serve, ready, system, before, half, finish, stop. See docs/guides/test-on-a-real-server.md.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

DIR = pathlib.Path(os.environ["EXEUNT_LAB_DIR"])
PORT = os.environ["EXEUNT_LAB_PORT"]
ETC = DIR / "etc"
FACTS = pathlib.Path(__file__).resolve().parents[3] / "crates/exeunt-connectors/src/protocol/ssh/facts.sh"
PLACED = DIR / "exeunt-facts"

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {dir}/host_key
PidFile {dir}/sshd.pid
AuthorizedKeysFile .ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
StrictModes yes
LogLevel ERROR
"""

# The least a host needs: nobody of the machine's own users is among them.
USERS = {
    "root": (0, "/root", "/bin/bash"),
    "sshd": (101, "/run/sshd", "/usr/sbin/nologin"),
    "exeunt": (990, "{dir}/home/exeunt", "/bin/sh"),
    "ada": (2001, "{dir}/home/ada", "/bin/sh"),
    "ben": (2002, "{dir}/home/ben", "/bin/sh"),
    "deployer": (2003, "{dir}/home/deployer", "/bin/sh"),
}


def write(path, text, mode=0o644):
    """In place: what is mounted over /etc is this very file."""
    with open(path, "r+" if path.exists() else "w") as file:
        file.write(text)
        file.truncate()
    path.chmod(mode)


def host(users, groups, locked=()):
    passwd, shadow = "", ""
    for name in users:
        uid, home, shell = USERS[name]
        passwd += f"{name}:x:{uid}:{uid}:{name.title()}:{home.format(dir=DIR)}:{shell}\n"
        # A password that nobody knows; a `!` before it is what `passwd -l` puts there.
        word = "!$6$x$x" if name in locked else "$6$x$x"
        shadow += f"{name}:{word if uid >= 1000 else '*'}:20000:0:99999:7:::\n"
    write(ETC / "passwd", passwd)
    write(ETC / "shadow", shadow, 0o640)
    lines = [f"{name}:x:{USERS[name][0]}:" for name in users]
    lines += [f"{name}:x:{3000 + at}:{','.join(members)}" for at, (name, members) in enumerate(groups.items())]
    write(ETC / "group", "\n".join(lines) + "\n")


def key(name):
    path = DIR / f"key-{name}"
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()


def keys(user, lines):
    home = DIR / "home" / user
    folder = home / ".ssh"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authorized_keys").write_text("".join(f"{line}\n" for line in lines))
    for path in (home, folder, folder / "authorized_keys"):
        os.chown(path, USERS[user][0], USERS[user][0])


def serve():
    DIR.chmod(0o711)
    ETC.mkdir()
    (DIR / "home").mkdir(mode=0o711)
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    everybody = list(USERS)
    host(everybody, {"ops": []})
    write(ETC / "sudoers", f"exeunt ALL=(root) NOPASSWD: {PLACED} \"\"\n%ops ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    PLACED.write_text(FACTS.read_text())
    PLACED.chmod(0o755)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", DIR / "host_key"], check=True)
    (DIR / "sshd_config").write_text(CONFIG.format(port=PORT, dir=DIR))
    keys("exeunt", [f"restrict,command=\"sudo -n {PLACED}\" {key('reader')}"])
    over = "".join(f"mount --bind {ETC / name} /etc/{name} && " for name in ("passwd", "shadow", "group", "sudoers"))
    serve = f"{over} exec /usr/sbin/sshd -D -e -f {DIR / 'sshd_config'}"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "sh", "-c", serve])


def ready():
    for _ in range(150):
        found = subprocess.run(["ssh-keyscan", "-t", "ed25519", "-p", PORT, "127.0.0.1"], capture_output=True, text=True)
        if found.stdout.strip():
            public = (DIR / "host_key.pub").read_text().split()
            return (DIR / "known_hosts").write_text(f"[127.0.0.1]:{PORT} {public[0]} {public[1]}\n")
        time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def system():
    print(json.dumps({
        "connector": "ssh-hosts",
        "auth": {"ssh_key": {"user": "exeunt", "key": f"file:{DIR / 'key-reader'}", "known_hosts": str(DIR / "known_hosts")}},
        "settings": {"hosts": f"127.0.0.1:{PORT}", "mail_domain": "acme.example", "not_people": "nobody deployer"},
        "allow_private": True,
    }))


def before():
    host(list(USERS), {"ops": ["ada", "ben"]})
    keys("ada", [key("ada")])
    keys("ben", [key("ben")])
    keys("deployer", [key("ada"), key("ben")])
    told = subprocess.run(["ssh-keygen", "-l", "-f", DIR / "key-ada.pub"], check=True, capture_output=True, text=True)
    (DIR / "objects.json").write_text(json.dumps({"ada's key": told.stdout.split()[1]}))


def half():
    """`passwd -l`, and no more."""
    host(list(USERS), {"ops": ["ada", "ben"]}, locked=["ada"])


def finish():
    host([name for name in USERS if name != "ada"], {"ops": ["ben"]})
    keys("deployer", [key("ben")])
    (DIR / "home/ada/.ssh/authorized_keys").unlink()


def stop():
    """The server is one process, which whoever started it ends."""


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

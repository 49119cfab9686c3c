"""Serves JupyterHub on loopback and plays the removal of one user on it.

Called with one word: serve, ready, system, before, half, finish, stop. See docs/guides/test-on-a-real-server.md.

Who may sign in, and which services there are, stands in the hub's configuration. So the hub is started again when
that changes, and `serve` watches over it instead of becoming it.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

DIR = pathlib.Path(os.environ["EXEUNT_LAB_DIR"])
PORT = os.environ["EXEUNT_LAB_PORT"]
URL = f"http://127.0.0.1:{PORT}"
STATE = DIR / "state.json"
READER = DIR / "reader"
ADMIN = "token-of-the-labs-administrator"

CONFIG = """
import json, pathlib
state = json.loads(pathlib.Path({state!r}).read_text())
c = get_config()
c.JupyterHub.bind_url = {url!r}
c.JupyterHub.hub_bind_url = "http://127.0.0.1:" + str(state["hub"])
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:" + str(state["proxy"])
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.pid_file = {folder!r} + "/proxy.pid"
c.JupyterHub.db_url = "sqlite:///" + {folder!r} + "/hub.sqlite"
c.JupyterHub.cookie_secret_file = {folder!r} + "/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.Authenticator.allowed_users = set(state["allowed"])
c.Authenticator.admin_users = {{"root"}}
c.JupyterHub.services = [
    {{"name": "exeunt", "api_token": state["reader"]}},
    {{"name": "administrator", "api_token": {admin!r}}},
] + [{{"name": name, "info": {{"owner": owner}}}} for name, owner in state["services"].items()]
c.JupyterHub.load_roles = [
    {{"name": "exeunt-reader", "services": ["exeunt"], "scopes": [
        "list:users", "read:users", "read:roles:users", "read:servers", "read:tokens", "list:groups", "read:groups", "read:roles:groups",
        "list:services", "read:services", "read:roles:services", "read:users:shares"]}},
    {{"name": "administrator", "services": ["administrator"], "scopes": [
        "admin:users", "tokens", "admin:groups", "groups", "shares"]}},
    {{"name": "teacher", "groups": ["devs"], "scopes": ["list:users"]}},
]
"""


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}/hub/api{path}", data, {"Authorization": f"token {ADMIN}"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def state(**changes):
    known = json.loads(STATE.read_text()) | changes
    STATE.write_text(json.dumps(known))
    return known


def serve():
    READER.write_text("token-of-the-labs-reader")
    STATE.write_text(json.dumps({
        "hub": free_port(), "proxy": free_port(), "reader": READER.read_text(), "allowed": ["ada", "ben"],
        "services": {"nightly": "ada@acme.example", "reports": "ben@acme.example"},
    }))
    proxy = os.path.join(os.environ["EXEUNT_LAB_NODE"], "node_modules", ".bin", "configurable-http-proxy")
    config = DIR / "jupyterhub_config.py"
    config.write_text(CONFIG.format(state=str(STATE), url=URL, proxy=proxy, folder=str(DIR), admin=ADMIN))
    programs = os.path.join(os.environ["EXEUNT_LAB_VENV"], "bin")
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    command = [os.path.join(programs, "jupyterhub"), "--config", str(config)]
    while not (DIR / "stopped").exists():
        hub = subprocess.Popen(command, cwd=DIR, env=environment)
        (DIR / "hub.pid").write_text(str(hub.pid))
        hub.wait()


def ready():
    for _ in range(150):
        try:
            return call("GET", "/users?limit=1")
        except (OSError, urllib.error.URLError, ValueError):
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def end_hub():
    """Ends the hub, which ends its proxy, and waits until both are gone."""
    pid = int((DIR / "hub.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)


def start_again():
    end_hub()
    ready()


def system():
    print(json.dumps({
        "connector": "jupyterhub",
        "url": URL,
        "auth": {"bearer": f"file:{READER}"},
        "settings": {"known_user": "root", "names_are": "local_part", "domain": "acme.example"},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def before():
    # The group devs is made by the role that names it.
    call("POST", "/groups/devs/users", {"users": ["ada", "ben"]})
    for group, users in [("expenses", ["ada"]), ("reports", ["ben"])]:
        call("POST", f"/groups/{group}")
        call("POST", f"/groups/{group}/users", {"users": users})
    for user, note in [("ada", "ci of ada"), ("ada", "laptop of ada"), ("ben", "ci of ben")]:
        call("POST", f"/users/{user}/tokens", {"note": note})
    call("POST", "/shares/ben/", {"user": "ada"})


def half():
    """Taken out of allowed_users, out of one group of two, and one token of two revoked; then the hub is started again."""
    call("DELETE", "/groups/expenses/users", {"users": ["ada"]})
    for token in call("GET", "/users/ada/tokens")["api_tokens"]:
        if token["note"] == "laptop of ada":
            call("DELETE", f"/users/ada/tokens/{token['id']}")
    state(allowed=["ben"])
    start_again()


def finish():
    """The user is deleted, and the service she ran is taken out of the configuration."""
    call("DELETE", "/users/ada")
    state(services={"reports": "ben@acme.example"})
    start_again()


def stop():
    """Ends the hub and its proxy; the watching process is ended by whoever started it."""
    (DIR / "stopped").touch()
    end_hub()


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

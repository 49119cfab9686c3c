"""Serves MariaDB on loopback and plays the removal of one user on it.

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
SOCKET = DIR / "socket"
DATA = DIR / "data"
READER = DIR / "reader"
SESSION = DIR / "session"

# What the connector's notes ask for.
READERS_TABLES = ["global_priv", "roles_mapping", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv", "proc", "event"]


def sql(statements, *more):
    command = ["mariadb", "--no-defaults", f"--socket={SOCKET}", "--user=root", "--batch", "--skip-column-names", *more]
    return subprocess.run(command, input=statements, text=True, check=True, stdout=subprocess.PIPE).stdout


def serve():
    READER.write_text("reader-of-the-lab")
    install = ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={DATA}", "--skip-test-db"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    os.execvp("mariadbd", [
        "mariadbd", "--no-defaults", "--user=root", f"--datadir={DATA}", "--bind-address=127.0.0.1", f"--port={PORT}",
        f"--socket={SOCKET}", f"--pid-file={DIR / 'pid'}", "--skip-name-resolve", "--event-scheduler=ON",
    ])


def ready():
    for _ in range(150):
        try:
            return sql("select 1;")
        except subprocess.CalledProcessError:
            time.sleep(0.2)
    sys.exit("no answer within 30 seconds")


def system():
    print(json.dumps({
        "connector": "mariadb",
        "url": f"mysql://127.0.0.1:{PORT}",
        "auth": {"sql_password": {"user": "exeunt", "password": f"file:{READER}", "database": "information_schema"}},
        "settings": {"mail_domain": "acme.example", "not_people": "root mysql mariadb.sys exeunt app"},
        "tls": {"plain_text_on_loopback": True},
        "allow_private": True,
    }))


def before():
    rights = "".join(f"grant select on mysql.{table} to 'exeunt'@'127.0.0.1';" for table in READERS_TABLES)
    sql(f"""
        create user 'exeunt'@'127.0.0.1' identified by '{READER.read_text()}';
        grant process, show view on *.* to 'exeunt'@'127.0.0.1';
        {rights}
        create database acme;
        create table acme.invoices (id int);
        create role dev;
        grant select on acme.* to dev;
        create user 'ada'@'%' identified by 'ada';
        create user 'ada'@'10.%' identified by 'ada';
        create user 'ben'@'%' identified by 'ben';
        grant dev to 'ada'@'%';
        grant dev to 'ben'@'%';
        grant select, insert on acme.* to 'ada'@'10.%';
        create definer = 'ada'@'%' procedure acme.payout() sql security definer select count(*) from acme.invoices;
        grant execute on procedure acme.payout to 'ben'@'%';
    """)


def half():
    """The row people think of is locked, while a session of hers is open; the other row is forgotten."""
    session = subprocess.Popen(
        ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1", f"--port={PORT}", "--user=ada", "--password=ada",
         "--skip-ssl", "--execute=select sleep(3600)"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )
    SESSION.write_text(str(session.pid))
    for _ in range(100):
        found = sql("select id, host from information_schema.processlist where user = 'ada';").split()
        if found:
            break
        time.sleep(0.1)
    else:
        sys.exit("ada's session does not open")
    (DIR / "objects.json").write_text(json.dumps({"session": found[0], "from": found[1]}))
    sql("alter user 'ada'@'%' account lock;")


def finish():
    session = json.loads((DIR / "objects.json").read_text())["session"]
    sql(f"""
        kill {session};
        drop procedure acme.payout;
        drop user 'ada'@'%', 'ada'@'10.%';
    """)


def stop():
    """Ends the client that held the session; the server is ended by whoever started it."""
    if SESSION.exists():
        pid = SESSION.read_text()
        command = pathlib.Path(f"/proc/{pid}/cmdline")
        if command.exists() and PORT.encode() in command.read_bytes():
            os.kill(int(pid), 15)


if __name__ == "__main__":
    {f.__name__: f for f in (serve, ready, system, before, half, finish, stop)}[sys.argv[1]]()

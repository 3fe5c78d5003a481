"""What the experiments share: private servers that start in a temporary directory and stop by themselves.

Needs installed PostgreSQL and nats-server binaries; nothing listens anywhere but on 127.0.0.1.
A server is ended by the pid that was started here, also when the script is killed (Linux).
"""

import contextlib
import ctypes
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def bounded(seconds):
    """Ends the script, servers included, when it takes longer than it may."""

    def stop(signum, _frame):
        raise SystemExit(f"stopped by signal {signum}")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.alarm(seconds)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _die_with_parent(sig):
    """The kernel sends `sig` to the child when the script is killed; Linux only, elsewhere a no-op."""

    def setup():
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, sig)

    return setup


def _unprivileged():
    """PostgreSQL refuses to run as root: another user for its processes, or nothing to change."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise SystemExit("needs a user postgres or nobody to run PostgreSQL as")


def _postgres_binary(name):
    newest = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    found = newest[-1] if newest else shutil.which(name)
    if not found:
        raise SystemExit(f"{name} is not installed")
    return found


class Postgres:
    """A private cluster; `with Postgres(setting="value") as pg:` and then `psycopg.connect(pg.dsn)`."""

    def __init__(self, **settings):
        self.settings = settings
        self.port = free_port()
        self.dsn = f"host=127.0.0.1 port={self.port} user=lab dbname=postgres"
        self.process = None

    def __enter__(self):
        self.as_user = _unprivileged()
        self.root = tempfile.mkdtemp(prefix="lab-pg-")
        if self.as_user:
            os.chown(self.root, self.as_user["user"], self.as_user["group"])
        self.data = os.path.join(self.root, "data")
        self._initdb = subprocess.run(
            [_postgres_binary("initdb"), "-D", self.data, "-U", "lab", "-A", "trust", "-E", "UTF8", "--no-locale"],
            check=True, capture_output=True, cwd="/", **self.as_user)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        command = [_postgres_binary("postgres"), "-D", self.data, "-p", str(self.port), "-k", self.root,
                   "-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off"]
        for key, value in self.settings.items():
            command += ["-c", f"{key}={value}"]
        self.log = open(os.path.join(self.root, "server.log"), "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd="/",
                                        preexec_fn=_die_with_parent(signal.SIGINT), **self.as_user)
        import psycopg
        deadline = time.monotonic() + 30
        while True:
            try:
                with psycopg.connect(self.dsn, connect_timeout=5):
                    return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(open(os.path.join(self.root, "server.log")).read()[-2000:])
                time.sleep(0.02)

    def kill(self):
        """`kill -9` of the postmaster and of every process that it started: shared memory is gone at once."""
        os.kill(self.process.pid, signal.SIGSTOP)  # It must not start others meanwhile.
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                  capture_output=True, text=True).stdout.split()
        for pid in [self.process.pid, *map(int, children)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for pid in map(int, children):
            while _running(pid):
                time.sleep(0.002)

    def version(self):
        import psycopg
        with psycopg.connect(self.dsn) as c:
            return "PostgreSQL " + c.execute("SHOW server_version").fetchone()[0]

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.root, ignore_errors=True)


def _running(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


class NatsServer:
    """A private nats-server with JetStream on files."""

    def __init__(self, binary):
        self.binary, self.port, self.process = binary, free_port(), None

    def __enter__(self):
        self.root = tempfile.mkdtemp(prefix="lab-nats-")
        self.start()
        return self

    def start(self):
        self.log = open(os.path.join(self.root, "server.log"), "ab")
        self.process = subprocess.Popen(
            [self.binary, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", os.path.join(self.root, "js")],
            stdout=self.log, stderr=self.log, preexec_fn=_die_with_parent(signal.SIGKILL))
        deadline = time.monotonic() + 20
        while True:
            try:
                Nats(self.port).js("INFO")
                return
            except (OSError, ValueError, KeyError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(open(os.path.join(self.root, "server.log")).read()[-2000:])
                time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wipe(self):
        self.kill()
        shutil.rmtree(os.path.join(self.root, "js"), ignore_errors=True)
        self.start()

    def version(self):
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True).stdout.strip()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.root, ignore_errors=True)


class Nats:
    """The text protocol over one blocking socket: nothing of a client library between the test and the server."""

    def __init__(self, port, timeout=10):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer, self.at, self.sids = b"", 0, 0
        self._line()  # INFO
        self.inbox = "_INBOX." + os.urandom(8).hex()
        self.send(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nPING\r\n')
        while self._line() != b"PONG":
            pass
        self.subscribe(self.inbox + ".>")

    def send(self, data):
        self.sock.sendall(data)

    def subscribe(self, subject):
        self.sids += 1
        self.send(f"SUB {subject} {self.sids}\r\nPING\r\n".encode())
        while self._line() != b"PONG":
            pass

    @staticmethod
    def encode(subject, body, headers, reply):
        head = b"NATS/1.0\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in headers.items()) + b"\r\n"
        return f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n".encode() + head + body + b"\r\n"

    def _fill(self):
        data = self.sock.recv(1 << 18)
        if not data:
            raise ConnectionError("server closed the connection")
        self.buffer, self.at = self.buffer[self.at:] + data, 0

    def _line(self):
        while (end := self.buffer.find(b"\r\n", self.at)) < 0:
            self._fill()
        line, self.at = self.buffer[self.at:end], end + 2
        return line

    def next(self):
        """The next message: subject, headers (bytes), body."""
        while True:
            line = self._line()
            if line == b"PING":
                self.send(b"PONG\r\n")
            elif line.startswith((b"MSG ", b"HMSG ")):
                words = line.split()
                size = int(words[-1])
                head = int(words[-2]) if words[0] == b"HMSG" else 0
                while len(self.buffer) - self.at < size + 2:
                    self._fill()
                data = self.buffer[self.at:self.at + size]
                self.at += size + 2
                return words[1].decode(), data[:head], data[head:]
            elif line.startswith(b"-ERR"):
                raise ConnectionError(line.decode())

    def pending(self):
        """Whether something can be read without waiting."""
        if self.at < len(self.buffer):
            return True
        self.sock.setblocking(False)
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return False
        finally:
            self.sock.settimeout(10)

    def js(self, call, **body):
        """One request to the JetStream API; an error answer is returned, not raised."""
        data = json.dumps(body).encode() if body else b""
        self.send(f"PUB $JS.API.{call} {self.inbox}.api {len(data)}\r\n".encode() + data + b"\r\n")
        while True:
            subject, _, answer = self.next()
            if subject == self.inbox + ".api":
                return json.loads(answer)

    def close(self):
        self.sock.close()


def report(title, **facts):
    print(f"{title}: " + ", ".join(f"{k} {v}" for k, v in facts.items()), flush=True)


def fail(message):
    print("FAILED: " + message, flush=True)
    sys.exit(1)

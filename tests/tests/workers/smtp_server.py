"""An SMTP server that keeps each mail it takes as a file, and misbehaves as the recipient's name asks it to.

Prints its port and ends when its standard input does, so that it never outlives the test.
"""

import asyncio
import collections
import pathlib
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult

PASSWORD = b"right password"


class Mailbox:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.tries = collections.Counter()

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        self.tries[recipient] += 1
        first = self.tries[recipient] == 1
        if first and recipient.startswith("busy"):
            return f"451 4.3.0 <{recipient}> come back later"
        if first and recipient.startswith("refused"):
            return f"550 5.1.1 <{recipient}> is not known here"
        secure = b"X-Received-Over: TLS\r\n" if session.ssl else b""
        self.keep(recipient, secure + envelope.original_content)
        if first and recipient.startswith("silent"):
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"

    def certificate(self):
        """One that nobody vouches for, as servers have it that were never told their name."""
        path = self.folder / "self-signed.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-subj", "/CN=localhost", "-days", "1", "-keyout", path, "-out", f"{path}.cert"]
        subprocess.run(command, check=True, capture_output=True)
        with open(path, "a") as both, open(f"{path}.cert") as certificate:
            both.write(certificate.read())
        return path

    def keep(self, recipient, content):
        fresh = self.folder / "fresh.tmp"
        fresh.write_bytes(content)
        fresh.rename(self.folder / f"{sum(self.tries.values()):04}.eml")


def check(server, session, envelope, mechanism, credentials):
    return AuthResult(success=credentials.password == PASSWORD, handled=False)


async def main():
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(sys.argv[1])
    tls = None
    if "tls" in sys.argv[2:]:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(mailbox.certificate())
    settings = {"tls_context": tls, "authenticator": check, "auth_require_tls": False, "auth_required": "auth" in sys.argv[2:]}
    server = await loop.create_server(lambda: SMTP(mailbox, **settings), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(asyncio.wait_for(main(), 600))

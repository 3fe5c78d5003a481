"""An SMTP server that keeps each mail it takes as a file, and misbehaves as the recipient's name asks it to.

Prints its port and ends when its standard input does, so that it never outlives the test.
"""

import asyncio
import collections
import pathlib
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
        self.keep(recipient, envelope.original_content)
        if first and recipient.startswith("silent"):
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"

    def keep(self, recipient, content):
        fresh = self.folder / "fresh.tmp"
        fresh.write_bytes(content)
        fresh.rename(self.folder / f"{sum(self.tries.values()):04}.eml")


def check(server, session, envelope, mechanism, credentials):
    return AuthResult(success=credentials.password == PASSWORD, handled=False)


async def main():
    loop = asyncio.get_running_loop()
    mailbox = Mailbox(sys.argv[1])
    settings = {"authenticator": check, "auth_require_tls": False, "auth_required": "auth" in sys.argv[2:]}
    server = await loop.create_server(lambda: SMTP(mailbox, **settings), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(asyncio.wait_for(main(), 600))

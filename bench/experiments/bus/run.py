"""Is the stream's own tail enough of a checkpoint for a pipelined relay? See README.md."""

import argparse
import base64
import json
import os
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from lab import Nats, NatsServer, bounded, fail, report  # noqa: E402

STREAM, SUBJECT = "ANNALS", "annals.events.user.registered"
WINDOW = 256
BODY = b"x" * 500


def create(port, duplicate_window=120):
    nats = Nats(port)
    answer = nats.js(f"STREAM.CREATE.{STREAM}", name=STREAM, subjects=["annals.events.>"], storage="file",
                     retention="limits", num_replicas=1, duplicate_window=int(duplicate_window * 1e9))
    if "error" in answer:
        fail(str(answer["error"]))
    nats.close()


def header(head, name):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(name.lower().encode() + b":"):
            return line.split(b":", 1)[1].strip().decode()
    return None


class Relay:
    """Publishes positions P+1, P+2, … expecting stream sequences S, S+1, …

    `chain` adds Nats-Msg-Id and, from the second message on, Nats-Expected-Last-Msg-Id: each message names its
    predecessor. The id carries a nonce of this activation, so that the server's dedup never swallows a message.
    """

    def __init__(self, port, chain=False, last=None):
        self.port, self.chain, self.last = port, chain, last
        self.acked = 0
        self.failures = []
        self.connect()

    def connect(self):
        self.nats = Nats(self.port)
        self.nonce = os.urandom(4).hex()

    def tail(self):
        """Stream sequence S from the stream's state; position P from the newest message that still exists."""
        state = self.nats.js(f"STREAM.INFO.{STREAM}")["state"]
        for sequence in range(state["last_seq"], max(state["first_seq"], state["last_seq"] - 100) - 1, -1):
            found = self.nats.js(f"STREAM.MSG.GET.{STREAM}", seq=sequence)
            if "message" in found:
                head = base64.b64decode(found["message"].get("hdrs", ""))
                return state["last_seq"], int(header(head, "annals-position") or 0)
        return state["last_seq"], 0

    def last_by_subject(self):
        found = self.nats.js(f"STREAM.MSG.GET.{STREAM}", last_by_subj="annals.events.>")
        return found["message"]["seq"] if "message" in found else found["error"]["description"]

    def encode(self, position, sequence, first=False, extra=None):
        headers = {"annals-position": position, "Nats-Expected-Last-Sequence": sequence}
        if self.chain:
            headers["Nats-Msg-Id"] = f"{position}:{self.nonce}"
            if not first:
                headers["Nats-Expected-Last-Msg-Id"] = f"{position - 1}:{self.nonce}"
        headers.update(extra or {})
        return Nats.encode(SUBJECT, BODY, headers, f"{self.nats.inbox}.{position}")

    def answer(self):
        subject, _, body = self.nats.next()
        body = json.loads(body)
        return int(subject.rsplit(".", 1)[1]), body.get("seq"), body.get("error")

    def run(self, pause=None):
        """One activation: until `last`, or until the first failure; the rest of the window is always drained."""
        sequence, position = self.tail()
        following, outstanding, failed = position + 1, 0, False
        offset = sequence - position
        while following <= self.last or outstanding:
            batch = []
            limit = 1 if self.chain and following == position + 1 else WINDOW
            while not failed and following <= self.last and outstanding < limit:
                batch.append(self.encode(following, following - 1 + offset, first=following == position + 1))
                following, outstanding = following + 1, outstanding + 1
                limit = limit if outstanding < limit else 0
            if batch:
                self.nats.send(b"".join(batch))
            if pause:
                pause()
            at, seq, error = self.answer()
            outstanding -= 1
            if error:
                failed = True
                self.failures.append((at, error["description"]))
            else:
                self.acked = max(self.acked, at)
            if failed and not outstanding:
                return False
        return True


def positions(port):
    """Every message of the stream in its order: (stream sequence, position)."""
    nats = Nats(port)
    nats.js(f"CONSUMER.DURABLE.CREATE.{STREAM}.check", stream_name=STREAM,
            config={"durable_name": "check", "deliver_policy": "all", "ack_policy": "none"})
    expected = nats.js(f"STREAM.INFO.{STREAM}")["state"]["messages"]
    found = []
    while len(found) < expected:
        want = min(2000, expected - len(found))
        request = json.dumps({"batch": want, "expires": 5_000_000_000}).encode()
        nats.send(f"PUB $JS.API.CONSUMER.MSG.NEXT.{STREAM}.check {nats.inbox}.m {len(request)}\r\n".encode()
                  + request + b"\r\n")
        # Delivered messages keep their stored subject; the subscription of the inbox receives them.
        for _ in range(want):
            subject, head, _ = nats.next()
            found.append(header(head, "annals-position"))
    nats.js(f"CONSUMER.DELETE.{STREAM}.check")
    nats.close()
    return [int(p) if p else None for p in found]


def once_and_in_order(found, last):
    return found == list(range(1, last + 1))


def throughput(port, count=30_000):
    rows = {}
    for name, window, headers in (("plain", 256, 0), ("expected, window 1", 1, 1), ("expected", 256, 1),
                                  ("expected, window 1024", 1024, 1), ("expected+chain", 256, 2)):
        Nats(port).js(f"STREAM.DELETE.{STREAM}")
        create(port, duplicate_window=1)
        total = count if window > 1 else count // 6
        relay = Relay(port, chain=headers == 2)
        messages = [relay.encode(p, p - 1, first=p == 1) if headers
                    else Nats.encode(SUBJECT, BODY, {"annals-position": p}, f"{relay.nats.inbox}.{p}")
                    for p in range(1, total + 1)]
        started, sent, done = time.monotonic(), 0, 0
        while done < total:
            if sent - done <= window // 2 and sent < total:
                until = min(total, done + window)
                relay.nats.send(b"".join(messages[sent:until]))
                sent = until
            relay.nats.next()
            done += 1
        rows[name] = f"{total / (time.monotonic() - started):,.0f}/s"
        if positions(port) != list(range(1, total + 1)):
            fail("a clean run did not store every position once and in order")
    report("throughput, 500-byte bodies, one connection", **rows)


def fresh(port, **options):
    Nats(port).js(f"STREAM.DELETE.{STREAM}")
    create(port, **options)


def foreign_in_the_window(port, chain):
    """Ten messages acknowledged, one foreign message, ten more of the same pipeline."""
    fresh(port)
    relay = Relay(port, chain)
    outcome = {}

    def burst(first, last):
        relay.nats.send(b"".join(relay.encode(p, p - 1, first=p == 1) for p in range(first, last + 1)))
        for _ in range(first, last + 1):
            at, seq, error = relay.answer()
            outcome[at] = error["description"] if error else seq

    burst(1, 10)
    other = Nats(port)
    other.send(Nats.encode(SUBJECT, b"foreign", {}, other.inbox + ".f"))
    other.next()
    burst(11, 20)
    stored = [p for p in range(11, 21) if isinstance(outcome[p], int)]
    report(f"one foreign message before position 11 of 20, {'chain' if chain else 'sequence only'}",
           refused=[p for p in range(11, 21) if p not in stored], stored=stored, first_error=repr(outcome[11]),
           second=repr(outcome[12]))
    report("   stream afterwards (None is the foreign one)", positions=positions(port)[8:])
    return stored


def refused_for_another_reason(port):
    """Message 5 of 20 is refused without being stored (it expects another stream): what do 6 to 20 meet?"""
    fresh(port)
    relay = Relay(port)
    relay.nats.send(b"".join(
        relay.encode(p, p - 1, extra={"Nats-Expected-Stream": "OTHER"} if p == 5 else None) for p in range(1, 21)))
    answers = sorted(relay.answer() for _ in range(20))
    refused = [(at, error["err_code"]) for at, _, error in answers if error]
    report("message 5 of 20 refused for another reason", refused=len(refused), codes=sorted({c for _, c in refused}),
           stream=positions(port))
    if positions(port) != [1, 2, 3, 4]:
        fail("messages after a plain refusal were stored")


def zombies(port, chain, rounds=8, last=4000):
    """A relay runs while a second one, which read the tail long ago, sends a window from there."""
    refused = accepted = 0
    for _ in range(rounds):
        fresh(port)
        zombie = Relay(port, chain)
        sequence, position = zombie.tail()
        relay = Relay(port, chain, last)

        def work():
            while not relay.run():
                relay.connect()

        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive() and zombie.nats.js(f"STREAM.INFO.{STREAM}")["state"]["last_seq"] < 1:
            pass
        # The zombie wakes: first a single message of its old tail, then windows that reach past the live tail.
        for start in (1, *(random.randrange(1, last) for _ in range(6))):
            first = start == 1
            many = 1 if first else WINDOW
            zombie.nats.send(b"".join(
                zombie.encode(position + start + i, sequence + start - 1 + i, first=first) for i in range(many)))
            for _ in range(many):
                _, _, error = zombie.answer()
                refused, accepted = refused + bool(error), accepted + (not error)
                if first and not error:
                    fail("a single publish with an old sequence was accepted")
        thread.join()
        if positions(port)[:last] != list(range(1, last + 1)):
            fail("a zombie broke the order of the stream")
        extra = positions(port)[last:]
        if extra != list(range(last + 1, last + 1 + len(extra))):
            fail("a zombie wrote past the end out of order")
    report(f"zombie of the same offset, {'chain' if chain else 'sequence only'}", rounds=rounds,
           zombie_refused=refused, zombie_accepted=accepted, stream="every position once and in order")


def zombie_across_a_wipe(server, chain):
    """The zombie's window still belongs to the stream that was deleted; the new one starts at position 5001."""
    port = server.port
    fresh(port)
    old = Relay(port, chain, last=100)
    old.run()
    fresh(port)
    relay = Relay(port, chain)
    for p in range(5001, 5101):
        relay.nats.send(relay.encode(p, p - 5001, first=p == 5001))
        relay.answer()
    old.nats.send(b"".join(old.encode(p, p - 1) for p in range(91, 121)))
    accepted = [at for at, _, error in (old.answer() for _ in range(30)) if not error]
    report(f"zombie of a deleted stream, {'chain' if chain else 'sequence only'}", accepted=accepted,
           tail=positions(port)[98:])


def killed(server, chain, times=6, last=30_000):
    """kill -9 of the server at random moments while the relay publishes."""
    port = server.port
    fresh(port, duplicate_window=1)
    relay = Relay(port, chain, last)
    lost, ahead, enough = [0], [0], threading.Event()

    def work():
        while True:
            try:
                if relay.run():
                    if enough.is_set():
                        return
                    relay.last += 10_000  # Still kills to come.
            except (OSError, ValueError, KeyError):
                while True:
                    try:
                        relay.connect()
                        _, position = relay.tail()
                        break
                    except (OSError, ValueError, KeyError):
                        time.sleep(0.02)
                lost.append(max(0, relay.acked - position))
                ahead.append(max(0, position - relay.acked))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    # The servers are started by the thread that lives longest: their death signal is bound to it.
    for _ in range(times):
        time.sleep(random.uniform(0.15, 0.5))
        server.kill()
        server.start()
    enough.set()
    thread.join(30)
    if thread.is_alive() or not once_and_in_order(positions(port), relay.last):
        fail("the stream does not hold every position once and in order after kill -9")
    report(f"kill -9, {'chain' if chain else 'sequence only'}", kills=times, positions=relay.last,
           acknowledged_but_lost=max(lost), stored_but_not_acknowledged_at_most=max(ahead),
           stream="every position once and in order")


def subscriber_sees_refused(port):
    """A plain core subscription beside the stream."""
    fresh(port)
    plain = Nats(port)
    plain.subscribe("annals.events.>")
    relay = Relay(port)
    relay.nats.send(relay.encode(1, 0))
    relay.answer()
    relay.nats.send(relay.encode(7, 99))
    _, _, error = relay.answer()
    seen = [header(plain.next()[1], "annals-position") for _ in range(2)]
    report("plain subscriber", stored=positions(port), refused_with=repr(error["description"]), saw=seen)


def tails(server):
    """What S and P are when the stream's end is not an ordinary message, and what dedup does to a repetition."""
    port = server.port
    relay = Relay(port, last=50)

    def refill():
        fresh(port, duplicate_window=1)
        relay.connect()
        relay.run()

    refill()
    relay.nats.js(f"STREAM.MSG.DELETE.{STREAM}", seq=50)
    deleted, by_subject = relay.tail(), relay.last_by_subject()
    relay.nats.send(relay.encode(50, 49))
    old = relay.answer()[2]
    relay.nats.send(relay.encode(50, 50))
    new = relay.answer()[1]
    report("last message deleted", state_and_position=deleted, last_by_subject=by_subject, expecting_its_sequence=old and old["description"],
           expecting_the_states=f"stored as {new}")
    refill()
    relay.nats.js(f"STREAM.MSG.DELETE.{STREAM}", seq=50)
    server.kill()
    server.start()
    relay.connect()
    report("… and kill -9, restart", state_and_position=relay.tail(), last_by_subject=relay.last_by_subject())
    refill()
    relay.nats.js(f"STREAM.PURGE.{STREAM}")
    purged = relay.tail()
    server.kill()
    server.start()
    relay.connect()
    report("purged", state_and_position=purged, after_restart=relay.tail())

    fresh(port, duplicate_window=1)
    chained = Relay(port, chain=True, last=5)
    chained.run()
    nonce = chained.nonce
    time.sleep(1.5)
    for label, act in (("dedup window passed", lambda: None), ("and restart", lambda: (server.kill(), server.start()))):
        act()
        chained.connect()
        chained.nonce = nonce
        sequence, position = chained.tail()
        chained.nats.send(chained.encode(position + 1, sequence))
        _, seq, error = chained.answer()
        report(f"expected last message id, {label}", outcome=error["description"] if error else f"stored as {seq}")
        time.sleep(1.5)
    fresh(port, duplicate_window=120)
    chained = Relay(port, chain=True, last=5)
    chained.run()
    chained.nats.js(f"STREAM.PURGE.{STREAM}")
    chained.nats.send(chained.encode(5, 5, first=True))
    _, seq, error = chained.answer()
    report("same message id after a purge, inside the window",
           stored=positions(port), acknowledged_as=seq, error=error and error["description"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", default="nats-server", help="the nats-server binary")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    bounded(120)
    started = time.monotonic()
    with NatsServer(options.server) as server:
        print(f"# {server.version()}, {os.cpu_count()} cores", flush=True)
        create(server.port)
        throughput(server.port)
        foreign_in_the_window(server.port, chain=False)
        foreign_in_the_window(server.port, chain=True)
        refused_for_another_reason(server.port)
        for chain in (False, True):
            zombies(server.port, chain)
        for chain in (False, True):
            zombie_across_a_wipe(server, chain)
        for chain in (False, True):
            killed(server, chain)
        subscriber_sees_refused(server.port)
        tails(server)
    print(f"# {time.monotonic() - started:.0f} s", flush=True)


main()

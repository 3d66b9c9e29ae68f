"""A real SMTP server for tests: prints what it receives, a line of JSON each."""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

options = json.loads(sys.argv[1])


def say(**what):
    print(json.dumps(what), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("gone"):
            return f"550 no mailbox {address} here"
        if address.startswith("busy"):
            return f"451 mailbox {address} is busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_NOOP(self, server, session, envelope, arg):
        say(noop=True)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("hang"):
            say(hangs=True)
            await asyncio.sleep(3600)
        say(
            to=envelope.rcpt_tos,
            sender=envelope.mail_from,
            text=envelope.content.decode("utf-8"),
            tls=session.ssl is not None or bool(options.get("implicit")),
            user=session.authenticated,
        )
        return "250 taken"


def authenticate(server, session, envelope, mechanism, given):
    wanted = tuple(part.encode() for part in options["auth"].split(":", 1))
    good = isinstance(given, LoginPassword) and (given.login, given.password) == wanted
    return AuthResult(success=good, handled=False)


async def main():
    context = None
    if options.get("cert"):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options["cert"], options["key"])
    implicit = bool(options.get("implicit"))
    settings = {"hostname": "localhost", "tls_context": None if implicit else context}
    if options.get("auth"):
        settings.update(authenticator=authenticate, auth_required=True, auth_require_tls=not implicit)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), **settings),
        host="127.0.0.1",
        port=options["port"],
        ssl=context if implicit else None,
    )
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())

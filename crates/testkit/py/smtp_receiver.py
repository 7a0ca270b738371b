"""A real SMTP server for tests. Settings: one JSON object as the argument.

Standard output: one JSON object a line, {"event": "ready" | "mail" | "refused" | "login", ...}.
Standard input: one JSON object a line, a fault to add: {"stage": "mail" | "rcpt" | "data", "times": N or null,
"reply": "451 ..."} or with "do": "hang" | "lose" | "drop" instead of "reply"; {"do": "forget"} forgets all. The server ends when its input does.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

settings = json.loads(sys.argv[1])
faults = []


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def next_fault(stage):
    """The first fault for this stage that is not used up."""
    for fault in faults:
        if fault["stage"] == stage and fault["times"] != 0:
            if fault["times"] is not None:
                fault["times"] -= 1
            return fault
    return None


class Handler:
    async def fault(self, server, stage, describe):
        """The reply of a planned fault, or None. "lose" is left to the caller: the mail is kept, the reply is not."""
        fault = next_fault(stage)
        if fault is None or fault.get("do") == "lose":
            return fault and "lose"
        tell("refused", stage=stage, **describe)
        if fault.get("do") == "hang":
            await asyncio.sleep(3600)
        if fault.get("do") == "drop":
            server.transport.abort()
            return "421 gone"
        return fault["reply"]

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = await self.fault(server, "mail", {"from": address})
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = await self.fault(server, "rcpt", {"to": address})
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.original_content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        reply = await self.fault(server, "data", {"message_id": message["message-id"]})
        if reply and reply != "lose":
            return reply
        login = session.auth_data
        tell(
            "mail",
            mail_from=envelope.mail_from,
            rcpt_to=envelope.rcpt_tos,
            tls=session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None,
            user=login if session.authenticated else None,
            helo=session.host_name,
            headers=[[name, str(value)] for name, value in message.items()],
            text=part(message, "plain"),
            html=part(message, "html"),
            raw=raw.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode(),
        )
        if reply == "lose":
            server.transport.abort()
        return "250 OK"


def part(message, kind):
    """The part of a mail in plain text or HTML, decoded; nothing when it has none."""
    body = message.get_body(preferencelist=(kind,))
    return body.get_content() if body else None


def authenticate(server, session, envelope, mechanism, data):
    ok = (
        isinstance(data, LoginPassword)
        and data.login.decode() == settings["user"]
        and data.password.decode() == settings["password"]
    )
    tell("login", mechanism=mechanism, ok=ok, user=data.login.decode())
    return AuthResult(success=ok, handled=False, auth_data=data.login.decode())


def make_server(context):
    tls = settings["tls"]
    login = settings["user"] is not None
    return SMTP(
        Handler(),
        enable_SMTPUTF8=True,
        tls_context=context if tls == "starttls" else None,
        authenticator=authenticate if login else None,
        auth_required=login,
        auth_require_tls=tls == "starttls",
        auth_exclude_mechanism=[m for m in ("PLAIN", "LOGIN") if m not in settings["mechanisms"]],
    )


async def read_faults(loop):
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        plan = json.loads(line)
        if plan.get("do") == "forget":
            faults.clear()
        else:
            faults.append(plan)
        tell("planned")


async def main():
    loop = asyncio.get_running_loop()
    context = None
    if settings["tls"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings["cert"], settings["key"])
    server = await loop.create_server(
        lambda: make_server(context),
        "127.0.0.1",
        0,
        ssl=context if settings["tls"] == "implicit" else None,
    )
    tell("ready", port=server.sockets[0].getsockname()[1])
    await read_faults(loop)


asyncio.run(main())

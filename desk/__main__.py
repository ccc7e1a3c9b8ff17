"""The desk from the command line: list, sources, verify, model, staff invite, backup, restore, rotate-key, demo."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk import conversation as links
from desk import demo, staff
from desk.alerts import AlertContact
from desk.conversation import Seals
from desk.model_calls import counts
from desk.roles import Role
from desk.sources import quoted
from desk.transcript import MESSAGE, TURN
from errors import BadInput, ForeroomError
from settings import PREFIX, Settings, load_settings
from store import audit, keys
from store.backup import backup, restore
from store.engine import Store, connect
from store.keys import Keys
from store.schema import upgrade


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it did what it says."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        if options.data is not None:
            settings = settings.model_copy(update={"data": options.data})
        if options.run is _demo:  # it opens nothing of the operator's
            return int(_demo(settings))
        settings.data.mkdir(parents=True, exist_ok=True)
        store = connect(settings.database)
        try:
            return int(options.run(options, store, settings))
        finally:
            store.close()
    except ForeroomError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m desk", description=__doc__)
    parser.add_argument("--data", type=Path, help="the data folder, if it is not the one in the settings")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verbs.add_parser("list", help="print every stored message, readable").set_defaults(run=_list)
    verbs.add_parser("sources", help="every version that was quoted, and how often").set_defaults(run=_sources)
    verbs.add_parser("verify", help="walk the audit trail").set_defaults(run=_verify)
    verbs.add_parser("model", help="what was asked of a language model, and what came of it").set_defaults(run=_model)
    people = verbs.add_parser("staff", help="accounts").add_subparsers(required=True, metavar="VERB")
    invite = people.add_parser("invite", help="make an account and print its one-time link")
    invite.add_argument("name", help="as visitors will read it")
    invite.add_argument("--role", type=Role, choices=list(Role), required=True)
    invite.add_argument("--email", help="for a login through the operator's provider")
    invite.add_argument("--clinic", help="only tickets of this clinic")
    invite.set_defaults(run=_invite)
    for name, run, text in (("backup", _backup, "write everything to FILE"), ("restore", _restore, "fill from FILE")):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("file", type=Path)
        verb.set_defaults(run=run)
    rotate = verbs.add_parser("rotate-key", help="a new master key; every data key is wrapped again")
    rotate.add_argument("--finish", action="store_true", help="after the page was restarted: let the old key go")
    rotate.set_defaults(run=_rotate)
    verbs.add_parser("demo", help="a throwaway installation with made-up conversations").set_defaults(run=_demo)
    return parser


def _list(_options: argparse.Namespace, store: Store, settings: Settings) -> int:
    upgrade(store)
    with store.reading() as connection:
        seals = Seals(connection, _keys(connection, settings))
        rows = connection.execute(
            sa.select(MESSAGE, TURN.c.route, TURN.c.ticket_id)
            .outerjoin(TURN, TURN.c.message_id == MESSAGE.c.id)
            .order_by(MESSAGE.c.id)
        )
        for row in rows:
            reference = "" if row.ticket_id is None else f"F-{row.ticket_id}"
            words = seals.open(row.conversation_id, row.text) or "(deleted)"
            line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
            print(f"{row.at:%Y-%m-%d %H:%M}  {reference:>6}  {row.route or 'unanswered':<14}  {line}")
    return 0


def _sources(_options: argparse.Namespace, store: Store, _settings: Settings) -> int:
    upgrade(store)
    with store.reading() as connection:
        for one in quoted(connection):
            text = f"sha256 {one.sha256}" if one.sha256 else "quoted before its text was hashed"
            seen, whose = f"{one.first_seen_at:%Y-%m-%d}", one.clinic or "no clinic"
            print(
                f"{one.id}@{one.version}  {one.kind}, {whose}, {text}, since {seen}: {one.statements} sentences shown"
            )
    return 0


def _verify(_options: argparse.Namespace, store: Store, _settings: Settings) -> int:
    upgrade(store)
    with store.reading() as connection:
        found = audit.verify(connection)
    if found.is_whole:
        print(f"The audit trail is whole: {found.entries} entries, head {found.head}.")
        return 0
    print(f"The audit trail does not hold together from entry {found.broken_at} on.", file=sys.stderr)
    return 1


def _model(_options: argparse.Namespace, store: Store, _settings: Settings) -> int:
    upgrade(store)
    with store.reading() as connection:
        found = counts(connection)
    if not found:
        print("No language model was asked anything.")
    for one in found:
        spent = f"{one.tokens_in} tokens read, {one.tokens_out} written, cost {one.cost:.4f}"
        print(f"{one.model}  {one.purpose}: {one.outcome}  {one.calls} calls, {one.ms // one.calls} ms each, {spent}")
    return 0


def _invite(options: argparse.Namespace, store: Store, settings: Settings) -> int:
    upgrade(store)
    now = datetime.now(UTC)
    with store.writing() as connection:
        person, secret = staff.invite(
            connection, options.name, options.role, now, clinic=options.clinic, email=options.email
        )
        audit.note(connection, now, "operator", "staff.invited", f"staff:{person.id}", {"role": person.role.value})
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    print(f"{address.rstrip('/')}/invite/{secret}")
    print(f"One use, within {staff.INVITE_LASTS.total_seconds() / 3600:.0f} hours. Give it to {person.name} only.")
    return 0


def _backup(options: argparse.Namespace, store: Store, _settings: Settings) -> int:
    upgrade(store)
    saved = backup(store, options.file, datetime.now(UTC))
    print(f"{saved.rows} rows in {options.file}, sha256 {saved.sha256}.")
    print("The master key is not in it. Keep a copy of the key elsewhere (docs/keys.md).")
    return 0


def _restore(options: argparse.Namespace, store: Store, _settings: Settings) -> int:
    saved = restore(store, options.file)
    print(f"{saved.rows} rows restored; the audit trail is whole, head {saved.audit_head}.")
    return 0


def _rotate(options: argparse.Namespace, store: Store, settings: Settings) -> int:
    """In two steps, so that a page that is running can read every message at any moment."""
    upgrade(store)
    path, in_file = _key_file(settings), not settings.master_key
    if not options.finish:
        if not in_file:
            raise BadInput("Put a new key before the old one in FOREROOM_MASTER_KEY, restart, then use --finish.")
        with store.reading() as connection:
            _keys(connection, settings)
        keys.add_master(path)
        print(f"A new master key stands first in {path}. Restart the page, then run: rotate-key --finish")
        return 0
    now = datetime.now(UTC)
    with store.writing() as connection:
        count = links.wrap_again(connection, _keys(connection, settings))
        audit.note(connection, now, "operator", "key.rotated", "desk", {"conversations": count})
    if in_file:
        keys.keep_newest_master(path)
    print(f"{count} data keys wrapped again. The old master key is no longer needed; save a copy of the new one.")
    return 0


def _demo(settings: Settings) -> int:
    """In a folder of its own that goes when the page is stopped; your own data is not touched."""
    from knowledge.register import Register
    from wiring import Services, demonstrate_an_intake

    with tempfile.TemporaryDirectory(prefix="foreroom-demo-") as folder:
        hook = demo.listen(lambda text: print(f"\nAn alert arrived:\n{text}", flush=True))
        changes = {"data": Path(folder), "database_url": "", "master_key": "", "smtp_host": ""}
        webhook = f"http://127.0.0.1:{hook.server_port}/"
        settings = settings.model_copy(update=changes | {"webhook_url": webhook})
        store, clock = connect(settings.database), demo.Past(datetime.now(UTC))
        upgrade(store)
        house = Services(
            settings, store, Keys.from_file(_key_file(settings)), Register(Path(folder) / "sources").library(), clock
        )
        made = demo.fill(house, store, clock, (AlertContact("Priya Nair", "webhook", "this terminal"),))
        answering = demonstrate_an_intake(house, clock, lambda: demo.session_of(store, Role.CLINICIAN, clock))
        store.close()
        address = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
        for name, role in demo.PEOPLE:
            print(f"{name}, {role.value}: {address}/invite/{made.invitations[name]}")
        print(f"A visitor who was answered: {address}/c/{made.visitor}")
        print(f"A visitor who answered questions: {address}/c/{answering}")
        print("Each invitation works once: choose a password, then log in. Everything goes when you stop this.")
        given = {"DATA": folder, "DATABASE_URL": "", "MASTER_KEY": "", "SMTP_HOST": "", "WEBHOOK_URL": webhook}
        environment = dict(os.environ) | {PREFIX + name: value for name, value in given.items()}
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with subprocess.Popen([sys.executable, "-m", "screens"], env=environment) as page:
            try:
                return page.wait()
            except KeyboardInterrupt:
                return 0
            finally:
                page.terminate()
                hook.shutdown()


def _keys(connection: Connection, settings: Settings) -> Keys:
    return links.open_keys(connection, settings.master_key, _key_file(settings))


def _key_file(settings: Settings) -> Path:
    return settings.data / "master.key"


if __name__ == "__main__":
    raise SystemExit(main())

"""What python-tuf's ngclient says of each case.

Arguments: folder of the corpus, address that serves it. Prints {"NAME": "accept" or the refusal}.
"""

import datetime
import json
import os
import sys
import tempfile
from unittest import mock

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater
from tuf.ngclient.urllib3_fetcher import Urllib3Fetcher


def clock_at(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return at.astimezone(tz) if tz else at.replace(tzinfo=None)

    return Clock


def judge(corpus, address, name, state):
    home = os.path.join(corpus, name)
    with open(os.path.join(home, "case.json"), encoding="utf-8") as file:
        case = json.load(file)
    with open(os.path.join(home, "root.json"), "rb") as file:
        pinned = file.read()
    os.makedirs(os.path.join(state, "targets"))
    hangs = any(fault.get("hang") for fault in case.get("server", {}).values())

    def visit(folder, now, targets):
        with mock.patch("tuf.ngclient._internal.trusted_metadata_set.datetime.datetime", clock_at(now)):
            return ask(folder, targets)

    def ask(folder, targets):
        updater = Updater(
            metadata_dir=os.path.join(state, "metadata"),
            metadata_base_url=f"{address}/{name}/{folder}/metadata/",
            target_dir=os.path.join(state, "targets"),
            target_base_url=f"{address}/{name}/{folder}/targets/",
            fetcher=Urllib3Fetcher(socket_timeout=2 if hangs else 60),
            bootstrap=pinned,
        )
        updater.refresh()
        for path in targets:
            info = updater.get_targetinfo(path)
            if info is None:
                return f"NotListed: {path}"
            updater.download_target(info)
        return "accept"

    for earlier in case.get("visits", []):
        if visit(earlier, case["visited"], []) != "accept":
            raise AssertionError(f"{name}: the earlier visit failed")
    try:
        return visit("mirror", case["now"], case["targets"])
    except (RepositoryError, DownloadError) as refusal:
        return f"{type(refusal).__name__}: {refusal}"
    # What it does not expect it does not wrap; its caller gets nothing either way.
    except Exception as refusal:  # pylint: disable=broad-exception-caught
        return f"uncaught {type(refusal).__name__}: {refusal}"


def main():
    corpus, address = sys.argv[1:]
    said = {}
    for name in sorted(os.listdir(corpus)):
        if os.path.exists(os.path.join(corpus, name, "case.json")):
            with tempfile.TemporaryDirectory() as state:
                said[name] = judge(corpus, address, name, state)[:300]
    json.dump(said, sys.stdout, indent=1)


if __name__ == "__main__":
    main()

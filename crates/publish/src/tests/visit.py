"""Visits a mirror with python-tuf over HTTP on loopback.

Arguments: mirror directory, trusted root, state directory, time, target paths.
Exit code 0: accepted. 1: refused by python-tuf; the kind of refusal is printed.
"""

import datetime
import functools
import http.server
import os
import sys
import threading
from unittest import mock

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def main() -> int:
    mirror, root, state, now, *targets = sys.argv[1:]
    handler = functools.partial(Quiet, directory=mirror)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"

    at = datetime.datetime.fromisoformat(now.replace("Z", "+00:00"))

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return at.astimezone(tz) if tz else at.replace(tzinfo=None)

    os.makedirs(os.path.join(state, "targets"), exist_ok=True)
    with open(root, "rb") as file:
        pinned = file.read()
    with mock.patch("tuf.ngclient._internal.trusted_metadata_set.datetime.datetime", Clock):
        try:
            updater = Updater(
                metadata_dir=os.path.join(state, "metadata"),
                metadata_base_url=f"{base}/metadata/",
                target_dir=os.path.join(state, "targets"),
                target_base_url=f"{base}/targets/",
                bootstrap=pinned,
            )
            updater.refresh()
            for path in targets:
                info = updater.get_targetinfo(path)
                if info is None:
                    print(f"NotListed: {path}")
                    return 1
                updater.download_target(info)
        except (RepositoryError, DownloadError) as refusal:
            print(f"{type(refusal).__name__}: {refusal}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

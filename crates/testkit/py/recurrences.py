"""Times of recurrence rules, computed by python-dateutil.

Standard input: a JSON list of [rule, zone, start in seconds, end in seconds].
Standard output: for each the times from start to end, in seconds since the epoch, in order, each once.
"""

import datetime
import json
import sys
import zoneinfo

from dateutil.rrule import rrulestr

answers = []
for rule, zone, start, end in json.load(sys.stdin):
    zone = zoneinfo.ZoneInfo(zone)
    first, last = (datetime.datetime.fromtimestamp(at, zone) for at in (start, end))
    times = rrulestr(rule, dtstart=first).between(first, last, inc=True)
    answers.append(sorted({int(at.timestamp()) for at in times}))
json.dump(answers, sys.stdout)

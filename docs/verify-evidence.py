#!/usr/bin/env python3
"""Checks an evidence pack of Sambung without Sambung: python3 verify-evidence.py bukti-LINK-MONTH.jsonl …

Needs Python 3.9 or newer and nothing else (on Windows also: pip install tzdata). It does three things and says them apart:
the chain of hashes, in which one changed byte is found; every figure, recomputed from the segments, exclusions and terms
in the pack; and whether each outage that was counted is borne out by the rounds in the pack, which are what was measured.
docs/sla.md says what the lines mean. Exit code 0: all is right; 1: something is not, and it is said what; 2: wrong usage.
"""

import hashlib
import json
import math
import sys
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

KINDS = ["maintenance", "force-majeure", "customer", "power"]
# What clocks that were put right may still differ by, ms.
SLACK_MS = 2000


class Wrong(Exception):
    pass


def same(name, found, expected):
    if found != expected:
        raise Wrong(f"{name}: the pack says {found!r}, recomputed it is {expected!r}")


def read_chain(data):
    """The records, when every line carries the hash of the one before it and the last one closes the pack."""
    if not data.endswith(b"\n"):
        raise Wrong("the pack does not end with a whole line")
    lines = data[:-1].split(b"\n")
    prev, records = "0" * 64, []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line.decode("utf-8"))
            broken = record["prev"] != prev
        except (ValueError, KeyError, TypeError):
            raise Wrong(f"line {number} is no record")
        if broken:
            raise Wrong(f"line {number - 1} was changed: line {number} carries another hash")
        if number == len(lines):
            end = '{"prev":"%s","type":"end","lines":%d}' % (prev, number)
            if line != end.encode():
                raise Wrong(f"line {number} does not close the pack")
        prev = hashlib.sha256(line).hexdigest()
        records.append(record)
    return records


def rounded(value):
    """A quotient may be printed with one digit more or less."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return float(f"{value:.12g}") if isinstance(value, float) else value


def check_part(pack, zone):
    """Whole days of the month, and all of it where the link had one contract."""
    begin, end = month_bounds(pack["month"], zone)
    days = [round((b - a) / 86_400_000) for a, b in ((pack["fromMs"], pack["toMs"]), (begin, end))]
    same("days", [pack["part"]["days"], pack["part"]["ofDays"]], days)
    for ms in (pack["fromMs"], pack["toMs"]):
        at = datetime.fromtimestamp(ms / 1000, zone)
        if not begin <= ms <= end or (at.hour, at.minute, at.second, at.microsecond) != (0, 0, 0, 0):
            raise Wrong(f"the part of the month does not begin or end with a day of it: {at.isoformat()}")


def month_bounds(month, zone):
    year, number = (int(part) for part in month.split("-"))
    after = (year + 1, 1) if number == 12 else (year, number + 1)
    return tuple(
        round(datetime(y, m, 1, tzinfo=zone).timestamp() * 1000) for y, m in ((year, number), after)
    )


def service_spans(terms, begin, end, zone):
    """Stretches in which service is owed; they may overlap."""
    hours = terms["serviceHours"] or [{"days": [1, 2, 3, 4, 5, 6, 7], "fromMin": 0, "toMin": 1440}]
    day = datetime.fromtimestamp(begin / 1000, zone).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end / 1000, zone).date()
    spans = []
    while day <= last:
        if not (terms["closedOnHolidays"] and day.isoformat() in terms["closedDays"]):
            midnight = datetime(day.year, day.month, day.day)
            for each in hours:
                if day.isoweekday() in each["days"]:
                    to = each["toMin"] + (0 if each["toMin"] > each["fromMin"] else 1440)
                    at = lambda minute: (midnight + timedelta(minutes=minute)).replace(tzinfo=zone)
                    spans.append(tuple(round(at(m).timestamp() * 1000) for m in (each["fromMin"], to)))
        day += timedelta(days=1)
    return spans


def pieces_of(pack, terms, segments, blips, exclusions, zone):
    """The time of the pack in pieces within which nothing changes, each with all that is to be known of it."""
    now, month = pack["nowMs"], (pack["fromMs"], pack["toMs"])
    rows = [(a, now if b is None else b, standing, cause) for a, b, standing, cause in segments]
    taken = [(kind, x["fromMs"], x["toMs"]) for kind in KINDS[:3] for x in exclusions if x["kind"] == kind]
    taken += [("power", a, b) for a, b, standing, cause in rows if standing == "down" and cause == "power"]
    taken = [each for each in taken if each[0] in terms["excludes"]]
    begin = min([month[0]] + [a for a, _, _, _ in rows])
    end = max([month[1]] + [b for _, b, _, _ in rows])
    service = service_spans(terms, begin, end, zone)
    marks = {begin, end, now, *month}
    for a, b, *_ in rows + blips + service + [span[1:] for span in taken]:
        marks |= {a, b}
    marks = sorted(mark for mark in marks if begin <= mark <= end)

    def cover(spans):
        """For spans (from, to, value): the value of the first in the list that covers each piece, or None."""
        values, order = [None] * (len(marks) - 1), {mark: at for at, mark in enumerate(marks)}
        for a, b, value in reversed(spans):
            a, b = max(a, begin), min(b, end)
            if a < b:
                values[order[a] : order[b]] = [value] * (order[b] - order[a])
        return values

    standing = cover([(a, b, (s, c, still, a)) for (a, b, s, c), (_, still, _, _) in zip(rows, segments)])
    owed = cover([(a, b, True) for a, b in service])
    why = cover([(a, b, kind) for kind, a, b in taken])
    lost = cover([(a, b, s) for a, b, s in blips])
    for at in range(len(marks) - 1):
        what, cause, still, segment = standing[at] or ("unknown", None, 0, None)
        yield {
            "from": marks[at], "to": marks[at + 1], "ms": marks[at + 1] - marks[at],
            "month": month[0] <= marks[at] < month[1], "known": marks[at] < now, "service": bool(owed[at]),
            "why": why[at], "what": what, "cause": cause, "open": still is None, "lost": lost[at],
            "segment": segment,
        }  # fmt: skip


def runs_of(pieces):
    """What is down without a break, but for hours without supply: the whole run, and what of it is down."""
    run = []
    for piece in [*pieces, None]:
        if piece is not None and piece["what"] in ("down", "off"):
            run.append(piece)
            continue
        down = [p for p in run if p["what"] == "down"]
        if down:
            yield run, down
        run = []


def causes_of(down):
    causes = []
    for piece in down:
        cause = piece["cause"] or "unknown"
        if causes and causes[-1]["segment"] == piece["segment"]:
            causes[-1]["toMs"] = piece["to"]
        else:
            causes.append({"segment": piece["segment"], "cause": cause, "fromMs": piece["from"], "toMs": piece["to"]})
    return [{key: each[key] for key in ("cause", "fromMs", "toMs")} for each in causes]


def outages_of(pack, terms, pieces):
    month = (pack["fromMs"], pack["toMs"])
    for run, down in runs_of(pieces):
        if down[0]["from"] >= month[1] or down[-1]["to"] <= month[0]:
            continue
        left = [p for p in down if p["why"] is None]
        owed = [p for p in left if p["service"]]
        length = sum(p["ms"] for p in left)
        in_month = sum(p["ms"] for p in owed if p["month"] and p["known"])
        verdict = (
            "excluded" if length == 0 else "outside" if in_month == 0
            else "counted" if length > terms["thresholdS"] * 1000 else "short"
        )  # fmt: skip
        yield {
            "fromMs": down[0]["from"],
            "toMs": None if any(p["open"] for p in run) else down[-1]["to"],
            "verdict": verdict,
            "lengthMs": length,
            "inMonthMs": in_month,
            "excludedMs": {k: ms for k in KINDS if (ms := sum(p["ms"] for p in down if p["why"] == k)) > 0},
            "causes": causes_of(down),
        }, bool(owed) and owed[0]["from"] >= month[0]


def in_table(outage, rows, pieces):
    """The rows of the outage table tell of this outage, with its causes, and reach into nothing that was up."""
    name = f"outage {outage['index']}"
    same(f"{name}, rows of the table", [row["id"] for row in rows], outage["ids"])
    end = math.inf if outage["toMs"] is None else outage["toMs"]
    for row in rows:
        begin, over = row["startMs"], math.inf if row["endMs"] is None else row["endMs"]
        up = sum(min(p["to"], over) - max(p["from"], begin) for p in pieces if p["what"] == "up" and p["from"] < over and p["to"] > begin)
        if begin >= end or over <= outage["fromMs"] or up > 0:
            raise Wrong(f"{name}: row {row['id']} of the table does not lie in it")
    for part in outage["causes"] if rows else []:
        if not any(r["cause"] == part["cause"] and r["startMs"] <= part["fromMs"] and (r["endMs"] or math.inf) >= part["toMs"] for r in rows):
            raise Wrong(f"{name}: no row of the table says {part['cause']} from {part['fromMs']} to {part['toMs']}")


def stretches(told, good):
    """Begin of the first and of the last round of each round, or of the rounds that were merged into one."""
    found, at = [], 0
    spans = told.get("spanMs") or [0] * len(told["timeMs"])
    for step, cell, span in zip(told["timeMs"], told.get("recv", told.get("ok")), spans):
        at += step
        if (cell > 0) == good:
            found.append((at, at + span))
    return found


def telling_of(pack, outage, lines):
    """The rounds that tell whether the link was up: of those who look at the site from elsewhere, and what lies beyond it as seen from it."""
    meant = [each for each in lines if not outage["ofLink"] or each.get("link") == pack["link"]]
    roles = lambda *names: [each for each in meant if each["role"] in names]
    beyond = roles("noc", "anchor", "hub") if pack["hubIsNoc"] else roles("noc", "anchor")
    layers = [each for each in (beyond, [] if pack["hubIsNoc"] else roles("hub"), roles("service")) if each]
    alive = [layer for layer in layers if any(stretches(each, True) for each in layer)]
    return [each for each in roles("site") if each["of"] == pack["site"]] + (alive or layers or [[]])[0]


def edges_of(telling, begin, end, before, after):
    """Between which moments it began and ended, by the rounds; None: nobody measured on that side."""
    middle = (begin + end) / 2
    all_good = [stretches(each, True) for each in telling]
    last = max((b for good in all_good for _, b in good if b <= middle), default=None)
    following = min((a for good in all_good for a, _ in good if a > middle), default=None)
    lost_after, lost_before = [], []
    for each, good in zip(telling, all_good):
        for a, b in stretches(each, False):
            if any(to <= middle for _, to in good) and (last is None or a > last) and a <= end:
                lost_after.append(a)
            if any(of > middle for of, _ in good) and (following is None or b < following) and b >= begin:
                lost_before.append(b)
    start = [last if before == "up" else None, min(lost_after, default=None)]
    stop = [max(lost_before, default=None), following if after == "up" else None]
    return {"start": [begin, begin] if before == "off" else start, "end": [end, end] if after == "off" else stop}


def clock_of(clocks, line, begin, end):
    """How wrong the times of these rounds may be, ms: by the machine's starts that reach into that time, else by all."""
    own = [each for each in clocks if each["site"] == line["measuredAt"]]
    within = [each for each in own if each["bootMs"] <= end and each["lastMs"] >= begin] or own
    if not within:
        raise Wrong(f"no clock is told of {line['measuredAt']}, where {line['target']} was measured")
    return max(each["uncertaintyMs"] for each in within)


def borne_out(pack, terms, outage, lines, clocks, pieces):
    """How the rounds bear an outage out (rounds, silence or none, where they are kept no more), and what is to be said of its length."""
    name, begin = f"outage {outage['index']}", outage["fromMs"]
    end = pack["nowMs"] if outage["toMs"] is None else outage["toMs"]
    telling = telling_of(pack, outage, lines)
    beside = [next((p["what"] for p in pieces if p[key] == at), "unknown") for key, at in (("to", begin), ("from", end))]
    edges = edges_of(telling, begin, end, *beside)
    same(f"{name}, edges", outage["edges"], edges)
    lost, worst = 0, 0
    for line in telling:
        clock = clock_of(clocks, line, begin, end)
        worst = max(worst, clock)
        inner = line["intervalMs"] + clock + SLACK_MS
        for a, b in stretches(line, True):
            if a < end - inner and b > begin + inner:
                raise Wrong(f"{name}: {line['target']}, measured at {line['measuredAt']}, answered in its midst, at {max(a, begin)}")
        if clock <= end - begin:
            lost += sum(1 for a, b in stretches(line, False) if a < end + clock and b >= begin - clock)
    if outage["verdict"] not in ("counted", "short"):
        return None, None
    if lost == 0:
        if not lines and not outage["roundsKept"]:
            return "gone", None
        own = [(line, s) for line in lines if line["seenFrom"] == "site" for good in (True, False) for s in stretches(line, good)]
        inner = lambda line: line["intervalMs"] + clock_of(clocks, line, begin, end) + SLACK_MS
        silent = own and not any(a < end - inner(line) and b > begin + inner(line) for line, (a, b) in own)
        if silent and all(part["cause"] == "power" for part in outage["causes"]):
            return "silence", None
        raise Wrong(f"{name}: no round that was lost bears it out, or its clocks are wrong by more than it lasted")
    less = max(0, (edges["start"][1] or begin) - begin) + max(0, end - (end if edges["end"][0] is None else edges["end"][0]))
    more = max(0, begin - (begin if edges["start"][0] is None else edges["start"][0])) + max(0, (edges["end"][1] or end) - end)
    shortest, longest = max(0, outage["lengthMs"] - less), outage["lengthMs"] + more
    note = f"outage {outage['index']} lasted {outage['lengthMs'] / 1000:.3f} s; by its rounds from {shortest / 1000:.3f} to {longest / 1000:.3f} s, their clocks wrong by {worst / 1000:.3f} s at most"
    if None in edges["start"] + edges["end"]:
        note += ", and on one side of it nobody measured"
    # The clock of one machine is as wrong at the end as at the begin; those of two differ by both at most.
    spread = 2 * worst if len({line["measuredAt"] for line in telling}) > 1 else 0
    if shortest - spread <= terms["thresholdS"] * 1000 < longest + spread:
        note += f": the threshold of {terms['thresholdS']} s lies between"
    return "rounds", note


def counts_of(pack, pieces, outages):
    def ms(test):
        return sum(p["ms"] for p in pieces if p["month"] and p["service"] and test(p))

    def left(test):
        return ms(lambda p: p["known"] and p["why"] is None and test(p))

    month, service = pack["toMs"] - pack["fromMs"], ms(lambda p: True)
    sums = {v: sum(o["inMonthMs"] for o, _ in outages if o["verdict"] == v) for v in ("counted", "short")}
    failed = [o for o, begins in outages if o["verdict"] == "counted" and begins]
    ended = [o for o in failed if o["toMs"] is not None]
    return {
        "monthMs": month,
        "serviceMs": service,
        "outsideMs": month - service,
        "aheadMs": ms(lambda p: not p["known"]),
        "excludedMs": {kind: ms(lambda p: p["known"] and p["why"] == kind) for kind in KINDS},
        "excludedDownMs": {kind: ms(lambda p: p["known"] and p["why"] == kind and p["what"] == "down") for kind in KINDS},
        "expectedOffMs": left(lambda p: p["what"] == "off"),
        "upMs": left(lambda p: p["what"] == "up" and p["lost"] is None),
        "countedMs": sums["counted"],
        "shortMs": sums["short"],
        "blipMs": left(lambda p: p["what"] == "up" and p["lost"] == "down"),
        "notMeasuredMs": left(lambda p: p["what"] == "unknown" or (p["what"] == "up" and p["lost"] == "unknown")),
        "failures": len(failed),
        "repaired": len(ended),
        "repairMs": sum(o["lengthMs"] for o in ended),
    }


def filled(pack, segments, blips):
    """The segments had all time of which nothing is known been down."""
    known = []
    for a, b, standing, cause in ([a, pack["nowMs"] if b is None else b, s, c] for a, b, s, c in segments):
        if standing == "unknown":
            continue
        for x, y, lost in sorted(blips) if standing == "up" else []:
            if lost == "unknown" and x < b and y > a:
                known.append([a, max(a, x), standing, cause])
                a = max(a, min(y, b))
        known.append([a, b, standing, cause])
    known = sorted(row for row in known if row[0] < row[1])
    at, holes = pack["reachFromMs"], []
    for a, b, _, _ in [*known, [pack["reachToMs"], pack["reachToMs"], None, None]]:
        if a > at:
            holes.append([at, a, "down", None])
        at = max(at, b)
    return {**pack, "nowMs": pack["reachToMs"]}, known + holes


def surely_down(pack, segments, blips):
    """The segments without what was carried on into time that nobody measured; a cause that is not known taken for power."""
    rows = [(a, pack["nowMs"] if b is None else b, s, c) for a, b, s, c in segments]
    begins, ends, runs = {pack["reachToMs"]}, {pack["reachFromMs"]}, []
    for a, b, standing, _ in sorted(rows, key=lambda row: row[:2]):
        if standing == "down":
            if runs and a <= runs[-1][1]:
                runs[-1][1] = max(runs[-1][1], b)
            else:
                runs.append([a, b])
        if standing in ("up", "off"):
            unseen = [blip for blip in blips if blip[2] == "unknown" and standing == "up"]
            if not any(x <= a < y for x, y, _ in unseen):
                begins.add(a)
            if not any(x < b <= y for x, y, _ in unseen):
                ends.add(b)
    sure = [(a + (0 if a in ends else pack["edgeMs"]), b - (0 if b in begins else pack["edgeMs"])) for a, b in runs]
    found = [list(row) for row in rows if row[2] != "down"]
    for a, b, standing, cause in (row for row in rows if row[2] == "down"):
        cut = [(max(a, x), min(b, y)) for x, y in sure if x < b and y > a]
        found += [[x, y, standing, "power" if (cause or "unknown") == "unknown" else cause] for x, y in cut if x < y]
    return sorted(found, key=lambda row: row[:2])


def ratios_of(c):
    def ratio(part, whole):
        return part / whole if whole else None

    measured = c["upMs"] + c["countedMs"] + c["shortMs"] + c["blipMs"]
    expected = measured + c["notMeasuredMs"]
    mttr = ratio(c["repairMs"], c["repaired"])
    return {
        "availabilityRatio": ratio(c["upMs"], measured),
        "worstRatio": ratio(c["upMs"], expected),
        "bestRatio": ratio(c["upMs"] + c["notMeasuredMs"], expected),
        "coverageRatio": ratio(measured, expected),
        "mttrMs": mttr,
        "mtbfMs": None if mttr is None else c["upMs"] / c["failures"] + mttr,
    }


def share_of(rule, d, z, s):
    """The part of the fee, as a fraction."""
    if d == 0 or z == 0 or rule["rule"] == "none":
        return Fraction(0)
    if rule["rule"] == "pro-rata":
        return Fraction(d, z)
    if rule["rule"] == "ratio":
        return Fraction(d) / (z * s)
    if rule["rule"] == "below-sla":
        excess = d - (1 - s) * z
        return Fraction(0) if excess <= 0 else (Fraction(d) if rule["downtime"] == "whole" else excess) / z
    below = [t for t in rule["tiers"] if Fraction(z - d, z) < Fraction(str(t["below"]))]
    return Fraction(str(below[-1]["fee"])) if below else Fraction(0)


def judgement_of(c, terms, part):
    z, d, least, most = c["serviceMs"], c["countedMs"], c["countedLeastMs"], c["countedMostMs"]
    s = None if terms["slaRatio"] is None else Fraction(str(terms["slaRatio"]))
    allowed = None if s is None else math.floor((1 - s) * z)
    verdict = "none"
    if allowed is not None:
        verdict = "missed" if least > allowed else "open" if most > allowed else "met"

    def judged(down):
        return {
            "contractRatio": (z - down) / z if z else None,
            "budgetLeftMs": None if allowed is None else allowed - down,
            "restitution": restitution_of(terms, part, down, z, s),
        }

    return {"allowedMs": allowed, "verdict": verdict, **judged(d), "least": judged(least), "most": judged(most)}


def restitution_of(terms, part, down, z, s):
    """Of a contract that was in force on some days of the month, so much of the fee."""
    rule, amount = terms["restitution"], None
    share, ceiling = share_of(rule, down, z, s), Fraction(str(rule["ceiling"]))
    if terms["monthlyFeeIdr"] is not None:
        fee = Fraction(terms["monthlyFeeIdr"] * part["days"], part["ofDays"])
        steps = fee * min(share, ceiling) / rule["roundIdr"]
        ways = {"down": math.floor(steps), "up": math.ceil(steps), "nearest": math.floor(steps + Fraction(1, 2))}
        amount = min(ways[rule["rounding"]] * rule["roundIdr"], math.floor(fee * ceiling))
    return {"share": float(share), "isCapped": share > ceiling, "amountIdr": amount}


def verify(data):
    records = read_chain(data)
    of = lambda kind: [record for record in records if record["type"] == kind]
    one = lambda kind: of(kind)[0]
    pack, terms, figures = one("pack"), one("terms"), one("figures")
    zone = ZoneInfo(pack["timeZone"])
    check_part(pack, zone)
    blips = [tuple(row) for row in one("blips")["rows"]]
    pieces = list(pieces_of(pack, terms, one("segments")["rows"], blips, of("exclusion"), zone))
    whole, all_down = filled(pack, one("segments")["rows"], blips)
    most = list(pieces_of(whole, terms, all_down, blips, of("exclusion"), zone))
    outages = list(outages_of(pack, terms, pieces))
    same("number of outages", len(of("outage")), len(outages))
    for told, (found, _) in zip(of("outage"), outages):
        for key, value in found.items():
            same(f"outage {told['index']}, {key}", told[key], value)
    measured, notes = {"rounds": 0, "silence": 0, "gone": 0}, []
    for told in of("outage"):
        in_table(told, told["table"], pieces)
        lines = [line for line in of("rounds") if line["outage"] == told["index"]]
        how, note = borne_out(pack, terms, told, lines, of("clock"), pieces)
        measured[how] = measured.get(how, 0) + 1
        notes += [note] if note else []
    for told in of("rounds"):
        good = told.get("recv", told.get("ok"))
        same(f"rounds of {told['target']}", told["rounds"], len(told["timeMs"]))
        same(f"answers of {told['target']}", told["answered"], sum(1 for cell in good if cell))
    for told in of("ledger"):
        account = [told[key + "Rounds"] for key in ("stored", "thinned", "lost", "open")]
        same(f"ledger of {told['agent']}", told["producedRounds"], sum(account))
    counts = counts_of(pack, pieces, outages)
    counts["countedMostMs"] = counts_of(whole, most, list(outages_of(whole, terms, most)))["countedMs"]
    sure = list(pieces_of(pack, terms, surely_down(pack, one("segments")["rows"], blips), blips, of("exclusion"), zone))
    counts["countedLeastMs"] = counts_of(pack, sure, list(outages_of(pack, terms, sure)))["countedMs"]
    apart = ("monthMs", "serviceMs", "repairMs", "excludedMs", "excludedDownMs", "countedLeastMs", "countedMostMs")
    parts = [ms for key, ms in counts.items() if key[-2:] == "Ms" and key not in apart]
    same("sum of the month", sum(parts) + sum(counts["excludedMs"].values()), counts["monthMs"])
    for name, found in (("counts", counts), ("ratios", ratios_of(counts)), ("judgement", judgement_of(counts, terms, pack["part"]))):
        for key, value in found.items():
            same(f"{name}.{key}", rounded(figures[name][key]), rounded(value))
    return pack, counts, judgement_of(counts, terms, pack["part"]), measured, notes


def report(path):
    """What there is to be said of one file, and whether it is right."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return f"WRONG: {path}: {error.strerror}", False
    try:
        pack, counts, judged, measured, notes = verify(data)
    except Wrong as wrong:
        return f"WRONG: {path}: {wrong}", False
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        return f"WRONG: {path}: the pack cannot be read ({type(error).__name__}: {error})", False
    amount = judged["restitution"]["amountIdr"]
    issue = pack["issue"]["number"] if pack["issue"] else "not issued"
    lines = [
        f"OK: {path}: {pack['link']} {pack['month']} ({issue})",
        "    the chain is whole; every figure was recomputed from the segments, exclusions and terms",
        f"    downtime that counts {counts['countedMs'] / 1000:.3f} s of {counts['serviceMs'] / 1000:.3f} s: {judged['verdict']}",
        f"    restitution {'not computed' if amount is None else f'Rp {amount}'}",
        f"    counted and short outages borne out by rounds that were lost: {measured['rounds']};"
        f" by the silence of the site in a power cut: {measured['silence']};"
        f" not held against rounds, which are kept no more: {measured['gone']}",
        *(f"    {note}" for note in notes),
        f"    SHA-256 of the pack {hashlib.sha256(data).hexdigest()}",
    ]
    return "\n".join(lines), True


def main(argv):
    if len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    reports = [report(path) for path in argv[1:]]
    for text, _ in reports:
        print(text)
    return 0 if all(right for _, right in reports) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))

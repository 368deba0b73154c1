"""A year of outages against contracts, minute by minute and with fractions: written from the text of the clauses, and on
purpose without anything of the program. Reads cases from standard input, answers the figures of each month.

F1  nothing until downtime > (1 - SLA) x hours of month, then fee x downtime / hours (or the excess alone)
F2  X x Y / (Z x SLA), X the monthly fee, Y downtime hours of the month, Z hours of the month
F3  tiers, such as < 99.9 % 2 %, < 99 % 5 %, < 95 % 10 % of the monthly fee
F4  every outage > n seconds: fee x downtime / hours of month
An outage that goes on over hours without electricity is one, without those hours.
An outage up to the threshold is not counted; what is excluded is no outage; a ceiling; an amount in whole hundreds and such.
Single lost rounds are lost time of what was up, and no outage; those above leave it unmeasured.
A promise is met, or missed, when nothing that is not known could change that: had all of it been down, outages would be longer.
Work is taken out when it was announced the agreed hours before.
"""

import json
import math
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction

WITA = timezone(timedelta(hours=8))
ORDER = ["maintenance", "force-majeure", "customer", "power"]


def in_service(minute_of_week, day, terms):
    if not terms["serviceHours"]:
        return not (terms["closedOnHolidays"] and day[0] in terms["holidays"])
    for hours in terms["serviceHours"]:
        for back in (0, 1):
            weekday, date = day[1 + back * 2], day[back * 2]
            minute = minute_of_week + back * 1440
            end = hours["toMin"] if hours["toMin"] > hours["fromMin"] else hours["toMin"] + 1440
            closed = terms["closedOnHolidays"] and date in terms["holidays"]
            if weekday in hours["days"] and hours["fromMin"] <= minute < end and not closed:
                return True
    return False


def calendar(start, minutes):
    """Of each minute its month, minute of the day, date and weekday, and those of the day before."""
    for minute in range(minutes):
        if minute == 0 or of_day == 1440:
            at = datetime.fromtimestamp((start + minute) * 60, WITA)
            of_day, before = at.hour * 60 + at.minute, at - timedelta(days=1)
            day = (at.strftime("%Y-%m-%d"), at.isoweekday(), before.strftime("%Y-%m-%d"), before.isoweekday())
            month = at.strftime("%Y-%m")
        yield month, of_day, day
        of_day += 1


def faults(state, reason, threshold, reaches_on):
    """Runs of down, whatever electricity there is: of each the minutes that are neither excluded nor without it, and whether it
    is long enough. `reaches_on`: what touches the begin or the end of all that is known goes on there for long."""
    minute, found = 0, []
    while minute < len(state):
        if state[minute] not in ("down", "off"):
            minute += 1
            continue
        end = minute
        while end < len(state) and state[end] in ("down", "off"):
            end += 1
        down = [at for at in range(minute, end) if state[at] == "down"]
        counted = [at for at in down if reason[at] is None]
        is_endless = reaches_on and (minute == 0 or end == len(state))
        if down:
            found.append((counted, is_endless or len(counted) * 60 > threshold, end))
        minute = end
    return found


def without_edges(state, lost):
    """What is down, but for the first and the last minute of a stretch beside which nobody measured."""

    def is_measured(at):
        return 0 <= at < len(state) and (state[at] == "off" or state[at] == "up" and lost[at] != "unknown")

    sure = list(state)
    for at, of in enumerate(state):
        begins, ends = (at == 0 or state[at - 1] != "down"), (at + 1 == len(state) or state[at + 1] != "down")
        if of == "down" and (begins and not is_measured(at - 1) or ends and not is_measured(at + 1)):
            sure[at] = "unknown"
    return sure


def year(case):
    terms, start, now = case["terms"], case["startMinute"], case["nowMinute"]
    state, cause = ["unknown"] * case["minutes"], [None] * case["minutes"]
    lasts = False
    for begin, end, what, why in case["states"]:
        for minute in range(begin, min(end, now)):
            state[minute], cause[minute] = what, why
        lasts = lasts or (begin < now < end and what in ("down", "off"))
    lost = [None] * case["minutes"]
    for begin, end, what in case["blips"]:
        for minute in range(begin, min(end, case["minutes"])):
            lost[minute] = what
    reason = [None] * case["minutes"]
    for kind in reversed(ORDER):
        if kind not in terms["excludes"]:
            continue
        if kind == "power":
            for minute in range(case["minutes"]):
                if state[minute] == "down" and cause[minute] == "power":
                    reason[minute] = kind
        for begin, end, of, *lead in case["exclusions"]:
            # Work counts as announced when people were told long enough before.
            notice = terms["noticeHours"] if of == "maintenance" and lead else None
            if of == kind and (notice is None or lead[0] >= notice):
                for minute in range(begin, end):
                    reason[minute] = kind
    known = state[:now]
    # What may turn out to have been a power cut is none of the provider's, where power is not.
    maybe = ["power" if r is None and of == "down" and why == "unknown" and "power" in terms["excludes"] else r
             for r, of, why in zip(reason, state, cause)]  # fmt: skip
    sure = without_edges(known, lost)
    sure_counted = {at for counted, is_long, _ in faults(sure, maybe, terms["thresholdS"], False) if is_long for at in counted}
    most = [
        "down" if at >= now or of == "unknown" or (of == "up" and lost[at] == "unknown") else of
        for at, of in enumerate(state)
    ]
    least_faults = faults(known, reason, terms["thresholdS"], False)
    most_counted = {at for counted, is_long, _ in faults(most, reason, terms["thresholdS"], True) if is_long for at in counted}
    counted_minutes = {at for counted, is_long, _ in least_faults if is_long for at in counted}
    months = {}
    month_of, service = [None] * case["minutes"], [False] * case["minutes"]
    for minute, (month, of_day, day) in enumerate(calendar(start, case["minutes"])):
        month_of[minute] = month
        service[minute] = in_service(of_day, day, terms)
        sums = months.setdefault(
            month,
            {
                **dict.fromkeys(("month", "service", "outside", "ahead", "counted", "least", "most", "short", "blip", "up", "unknown", "off"), 0),
                **dict.fromkeys(("failures", "repaired", "repair"), 0),
                "excluded": dict.fromkeys(ORDER, 0),
                "excludedDown": dict.fromkeys(ORDER, 0),
            },
        )
        sums["month"] += 1
        if not service[minute]:
            sums["outside"] += 1
            continue
        sums["service"] += 1
        if minute in most_counted:
            sums["most"] += 1
        if minute in sure_counted:
            sums["least"] += 1
        if minute >= now:
            sums["ahead"] += 1
        elif reason[minute] is not None:
            sums["excluded"][reason[minute]] += 1
            sums["excludedDown"][reason[minute]] += state[minute] == "down"
        elif state[minute] == "down":
            sums["counted" if minute in counted_minutes else "short"] += 1
        elif state[minute] == "up" and lost[minute] is not None:
            sums["blip" if lost[minute] == "down" else "unknown"] += 1
        else:
            sums[state[minute]] += 1
    for counted, is_long, end in least_faults:
        owed = [at for at in counted if service[at]]
        if owed and is_long:
            sums = months[month_of[owed[0]]]
            sums["failures"] += 1
            if not (lasts and end == now):
                sums["repaired"] += 1
                sums["repair"] += len(counted)
    for sums in months.values():
        judge(sums, terms)
    return months


def judge(sums, terms):
    """What a month comes to: quotients as numbers, or nothing where there is nothing to divide by."""

    def quotient(part, whole):
        return part / whole if whole else None

    measured = sums["up"] + sums["counted"] + sums["short"] + sums["blip"]
    expected = measured + sums["unknown"]
    sums["availability"] = quotient(sums["up"], measured)
    sums["worst"] = quotient(sums["up"], expected)
    sums["best"] = quotient(sums["up"] + sums["unknown"], expected)
    sums["coverage"] = quotient(measured, expected)
    sums["mttr"] = quotient(sums["repair"], sums["repaired"])
    sums["mtbf"] = None if sums["mttr"] is None else sums["up"] / sums["failures"] + sums["mttr"]
    sums["A"] = quotient(sums["service"] - sums["counted"], sums["service"])
    sums["leastA"] = quotient(sums["service"] - sums["most"], sums["service"])
    # Downtime that is allowed is cut to whole thousandths of a second.
    allowed = math.floor((1 - Fraction(str(terms["slaRatio"]))) * sums["service"] * 60_000)
    sums["leftMs"] = allowed - sums["counted"] * 60_000
    sums["verdict"] = "missed" if allowed < sums["least"] * 60_000 else "open" if allowed < sums["most"] * 60_000 else "met"
    hours = Fraction(sums["service"], 60)
    sums["amount"] = amount(terms, Fraction(sums["counted"], 60), hours)
    sums["mostAmount"] = amount(terms, Fraction(sums["most"], 60), hours)


def amount(terms, down, hours):
    rule, fee = terms["restitution"], Fraction(terms["monthlyFeeIdr"])
    sla = None if terms["slaRatio"] is None else Fraction(str(terms["slaRatio"]))
    owed = Fraction(0)
    if hours == 0:
        return 0
    if rule["rule"] == "below-sla" and down > (1 - sla) * hours:
        owed = fee * (down if rule["downtime"] == "whole" else down - (1 - sla) * hours) / hours
    if rule["rule"] == "ratio":
        owed = fee * down / (hours * sla)
    if rule["rule"] == "pro-rata":
        owed = fee * down / hours
    if rule["rule"] == "tiers":
        for tier in rule["tiers"]:
            if 1 - down / hours < Fraction(str(tier["below"])):
                owed = fee * Fraction(str(tier["fee"]))
    most = fee * Fraction(str(rule["ceiling"]))
    steps = min(owed, most) / rule["roundIdr"]
    whole = {"down": math.floor(steps), "up": math.ceil(steps), "nearest": math.floor(steps + Fraction(1, 2))}
    return min(whole[rule["rounding"]] * rule["roundIdr"], math.floor(most))


json.dump([year(case) for case in json.load(sys.stdin)], sys.stdout)

"""A year of outages against contracts, minute by minute and with fractions: written from the text of the clauses, and on
purpose without anything of the program. Reads cases from standard input, answers the figures of each month.

F1  nothing until downtime > (1 - SLA) x hours of month, then fee x downtime / hours (or the excess alone)
F2  X x Y / (Z x SLA), X the monthly fee, Y downtime hours of the month, Z hours of the month
F3  tiers, such as < 99.9 % 2 %, < 99 % 5 %, < 95 % 10 % of the monthly fee
F4  every outage > n seconds: fee x downtime / hours of month
An outage that goes on over hours without electricity is one, without those hours.
An outage up to the threshold is not counted; what is excluded is no outage; a ceiling; an amount in whole hundreds and such.
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


def year(case):
    terms, start = case["terms"], case["startMinute"]
    state, cause = ["unknown"] * case["minutes"], [None] * case["minutes"]
    for begin, end, what, why in case["states"]:
        for minute in range(begin, end):
            state[minute], cause[minute] = what, why
    reason = [None] * case["minutes"]
    for kind in reversed(ORDER):
        if kind not in terms["excludes"]:
            continue
        if kind == "power":
            for minute in range(case["minutes"]):
                if state[minute] == "down" and cause[minute] == "power":
                    reason[minute] = kind
        for begin, end, of in case["exclusions"]:
            if of == kind:
                for minute in range(begin, end):
                    reason[minute] = kind
    # Outages: runs of down, whatever electricity there is; what counts of each is what is neither excluded nor without it.
    long_enough = [False] * case["minutes"]
    outages, minute = [], 0
    while minute < case["minutes"]:
        if state[minute] != "down":
            minute += 1
            continue
        end = minute
        while end < case["minutes"] and state[end] in ("down", "off"):
            end += 1
        counted = [at for at in range(minute, end) if state[at] == "down" and reason[at] is None]
        is_long = len(counted) * 60 > terms["thresholdS"]
        if is_long:
            outages.append(counted)
            for at in counted:
                long_enough[at] = True
        minute = end
    months = {}
    month_of, service = [None] * case["minutes"], [False] * case["minutes"]
    for minute, (month, of_day, day) in enumerate(calendar(start, case["minutes"])):
        month_of[minute] = month
        service[minute] = in_service(of_day, day, terms)
        sums = months.setdefault(
            month_of[minute],
            {"service": 0, "counted": 0, "short": 0, "up": 0, "unknown": 0, "off": 0, "excluded": 0, "failures": 0, "repair": 0},
        )
        if not service[minute]:
            continue
        sums["service"] += 1
        if reason[minute] is not None:
            sums["excluded"] += 1
        elif state[minute] == "down":
            sums["counted" if long_enough[minute] else "short"] += 1
        else:
            sums[state[minute]] += 1
    for counted in outages:
        owed = [at for at in counted if service[at]]
        if owed:
            months[month_of[owed[0]]]["failures"] += 1
            months[month_of[owed[0]]]["repair"] += len(counted)
    for sums in months.values():
        sums["amount"] = amount(terms, Fraction(sums["counted"], 60), Fraction(sums["service"], 60))
    return months


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

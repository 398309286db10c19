/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file clock.h
 * -m time as net/netfilter/xt_time.c evaluates it.
 */
#ifndef XTBPF_CLOCK_H
#define XTBPF_CLOCK_H

#include <linux/types.h>

#include "payload.h"

#define DAY 86400

/*
 * Day of the month, from the days since 1970-01-01: Howard Hinnant's
 * civil_from_days, counting years from March on, eras of 400 years.
 */
static __always_inline __u32 clock_month_day(__u32 days)
{
	__u32 z = days + 719468; /* since 0000-03-01 */
	__u32 doe = z % 146097;
	__u32 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	__u32 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);

	return doy - (153 * ((5 * doy + 2) / 153) + 2) / 5 + 1;
}

/* stamp: seconds since 1970, in local time if the rule says so */
static __always_inline int clock_holds(const struct xtbpf_time *t, __s64 stamp)
{
	__u32 second, days;

	if (stamp < (__s64)t->date_start || stamp > (__s64)t->date_stop)
		return 0;
	second = (__u32)((__u64)stamp % DAY);
	if (t->daytime_start < t->daytime_stop) {
		if (second < t->daytime_start || second > t->daytime_stop)
			return 0;
	} else {
		if (second < t->daytime_start && second > t->daytime_stop)
			return 0;
		if (t->contiguous && second <= t->daytime_stop)
			stamp -= DAY;
	}
	if (stamp < 0)
		return 0;
	days = (__u32)((__u64)stamp / DAY);
	/* 1970-01-01 was a Thursday */
	if (!(t->weekdays >> ((days + 3) % 7 + 1) & 1))
		return 0;
	return t->monthdays >> clock_month_day(days) & 1;
}

#endif

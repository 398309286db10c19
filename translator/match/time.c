// SPDX-License-Identifier: LGPL-2.1-or-later
/* -m time: net/netfilter/xt_time.c */
#include "../bpf/payload.h"
#include "../extension.h"

#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_time.h>

#define DAY 86400

static int time_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_time_info *info = data;

	if (info->daytime_start > XT_TIME_MAX_DAYTIME || info->daytime_stop > XT_TIME_MAX_DAYTIME)
		return -EDOM;
	if (info->flags & ~XT_TIME_ALL_FLAGS)
		return -EINVAL;
	if (info->flags & XT_TIME_CONTIGUOUS && info->daytime_start < info->daytime_stop)
		return -EINVAL;
	return 0;
}

static const struct xtbpf_callee callee = {
	.name = "clock",
	.nf = "nf_clock",
	.tc = "tc_clock",
	.type = "xtbpf_time",
	.size = sizeof(struct xtbpf_time),
};

static int time_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	const struct xt_time_info *info = data;
	struct xtbpf_time t = { .date_start = info->date_start,
				.date_stop = info->date_stop,
				.daytime_start = info->daytime_start,
				.daytime_stop = info->daytime_stop,
				.monthdays = info->monthdays_match,
				.weekdays = info->weekdays_match,
				.local = !!(info->flags & XT_TIME_LOCAL_TZ),
				.contiguous = !!(info->flags & XT_TIME_CONTIGUOUS) };

	return xtbpf_lower_call(low, &callee, &t, false);
}

/* Day of the month of a day since 1970, by months of the proleptic calendar. */
static unsigned int month_day(int64_t days)
{
	static const uint8_t length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int year = 1970, month = 0;

	for (;;) {
		bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		unsigned int n = length[month] + (month == 1 && leap);

		if (days < n)
			return (unsigned int)days + 1;
		days -= n;
		month = (month + 1) % 12;
		year += month == 0;
	}
}

static bool time_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	const struct xt_time_info *info = data;
	int64_t stamp = p->pkt->time;
	uint32_t day;

	if (info->flags & XT_TIME_LOCAL_TZ)
		stamp -= 60 * (int64_t)p->pkt->minutes_west;
	if (stamp < info->date_start || stamp > info->date_stop)
		return false;
	day = (uint32_t)(stamp % DAY);
	if (info->daytime_start < info->daytime_stop) {
		if (day < info->daytime_start || day > info->daytime_stop)
			return false;
	} else {
		if (day < info->daytime_start && day > info->daytime_stop)
			return false;
		if (info->flags & XT_TIME_CONTIGUOUS && day <= info->daytime_stop)
			stamp -= DAY;
	}
	/* 1970-01-01 was a Thursday; Monday is 1, Sunday 7 */
	if (stamp < 0 || !(info->weekdays_match >> ((stamp / DAY + 3) % 7 + 1) & 1))
		return false;
	return info->monthdays_match == XT_TIME_ALL_MONTHDAYS ||
	       info->monthdays_match >> month_day(stamp / DAY) & 1;
}

const struct xtbpf_match_ops xtbpf_match_time = {
	.name = "time",
	.family = XTBPF_EXT_UNSPEC,
	.size = XT_ALIGN(sizeof(struct xt_time_info)),
	.usersize = sizeof(struct xt_time_info),
	.check = time_check,
	.lower = time_lower,
	.evaluate = time_evaluate,
};

// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * -m esp, -m ipcomp and IPv4's -m ah: net/netfilter/xt_esp.c, net/netfilter/xt_ipcomp.c,
 * net/ipv4/netfilter/ipt_ah.c. A number in their header lies in a range.
 */
#include "../extension.h"

#include <errno.h>
#include <linux/in.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_esp.h>
#include <linux/netfilter/xt_ipcomp.h>
#include <linux/netfilter_ipv4/ipt_ah.h>

/* Bytes that the kernel wants to see of each header. */
#define ESP_HEADER 8
#define AH_HEADER 12
#define COMP_HEADER 4

/* The structures are of one make: spis[2], invflags. */
_Static_assert(offsetof(struct xt_esp, invflags) == offsetof(struct xt_ipcomp, invflags) &&
		       offsetof(struct xt_esp, invflags) == offsetof(struct ipt_ah, invflags) &&
		       XT_ESP_INV_MASK == XT_IPCOMP_INV_MASK && XT_ESP_INV_MASK == IPT_AH_INV_MASK,
	       "as esp");

static int spi_check(const struct xtbpf_ext_ctx *ctx, const void *data)
{
	const struct xt_esp *info = data;

	return info->invflags & ~XT_ESP_INV_MASK ? -EINVAL : 0;
}

static int lower(struct xtbpf_lower *low, const void *data, uint8_t need, enum xtbpf_field field)
{
	const struct xt_esp *info = data;
	int err = xtbpf_lower_head(low, need);

	return err ? err
		   : xtbpf_lower_range(low, field, info->spis[0], info->spis[1],
				       info->invflags & XT_ESP_INV_SPI);
}

static int esp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return lower(low, data, ESP_HEADER, XTBPF_F_HEAD0);
}

static int ah_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return lower(low, data, AH_HEADER, XTBPF_F_HEAD4);
}

/* The CPI stands where others have the destination port. */
static int ipcomp_lower(const struct xtbpf_ext_ctx *ctx, const void *data, struct xtbpf_lower *low)
{
	return lower(low, data, COMP_HEADER, XTBPF_F_DPORT);
}

/* width bytes at `at` of a header of `need` bytes */
static bool evaluate(struct xtbpf_eval_pkt *p, const struct xt_esp *info, uint32_t need,
		     unsigned int at, unsigned int width)
{
	const uint8_t *h;
	uint32_t spi = 0;

	if (p->fragoff)
		return false;
	h = xtbpf_eval_bytes(p, p->thoff, need);
	if (!h) {
		p->hotdrop = true;
		return false;
	}
	for (unsigned int i = 0; i < width; i++)
		spi = spi << 8 | h[at + i];
	return (spi >= info->spis[0] && spi <= info->spis[1]) !=
	       !!(info->invflags & XT_ESP_INV_SPI);
}

static bool esp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	return evaluate(p, data, ESP_HEADER, 0, 4);
}

static bool ah_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	return evaluate(p, data, AH_HEADER, 4, 4);
}

static bool ipcomp_evaluate(struct xtbpf_eval_pkt *p, const void *data)
{
	return evaluate(p, data, COMP_HEADER, 2, 2);
}

const struct xtbpf_match_ops xtbpf_match_esp4 = {
	.name = "esp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_esp)),
	.usersize = sizeof(struct xt_esp),
	.proto = IPPROTO_ESP,
	.check = spi_check,
	.lower = esp_lower,
	.evaluate = esp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_esp6 = {
	.name = "esp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_esp)),
	.usersize = sizeof(struct xt_esp),
	.proto = IPPROTO_ESP,
	.check = spi_check,
	.lower = esp_lower,
	.evaluate = esp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_ah4 = {
	.name = "ah",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct ipt_ah)),
	.usersize = sizeof(struct ipt_ah),
	.proto = IPPROTO_AH,
	.check = spi_check,
	.lower = ah_lower,
	.evaluate = ah_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_ipcomp4 = {
	.name = "ipcomp",
	.family = XTBPF_EXT_IPV4,
	.size = XT_ALIGN(sizeof(struct xt_ipcomp)),
	.usersize = sizeof(struct xt_ipcomp),
	.proto = IPPROTO_COMP,
	.check = spi_check,
	.lower = ipcomp_lower,
	.evaluate = ipcomp_evaluate,
};

const struct xtbpf_match_ops xtbpf_match_ipcomp6 = {
	.name = "ipcomp",
	.family = XTBPF_EXT_IPV6,
	.size = XT_ALIGN(sizeof(struct xt_ipcomp)),
	.usersize = sizeof(struct xt_ipcomp),
	.proto = IPPROTO_COMP,
	.check = spi_check,
	.lower = ipcomp_lower,
	.evaluate = ipcomp_evaluate,
};

# SPDX-License-Identifier: GPL-2.0-only
# bash completion for xtbpf(8) and xtbpfd(8)

_xtbpf() {
	local cur=${COMP_WORDS[COMP_CWORD]}

	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "run status why --help" -- "$cur")
		return
	fi
	case ${COMP_WORDS[1]} in
	run)
		local first=2

		[[ ${COMP_WORDS[2]} == -- ]] && first=3
		if ((COMP_CWORD > first)) && declare -F _command_offset >/dev/null; then
			_command_offset $first
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$cur")
		fi
		;;
	status)
		mapfile -t COMPREPLY < <(compgen -W "-j --json --help" -- "$cur")
		;;
	why)
		mapfile -t COMPREPLY < <(compgen -W "-a --all -j --json --help" -- "$cur")
		;;
	esac
}

_xtbpfd() {
	local cur=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}

	# COMP_WORDS is broken at "=", the line is not
	case ${line##* } in
	--attach=*)
		mapfile -t COMPREPLY < <(compgen -W "auto netfilter tc" -- "${line##*=}")
		;;
	--early=*)
		mapfile -t COMPREPLY < <(compgen -W "auto off xdp tc" -- "${line##*=}")
		;;
	*)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -W "--attach= --early= --max-request= --foreground
			--daemon --verbose --help" -- "$cur")
		;;
	esac
}

complete -F _xtbpf xtbpf
complete -F _xtbpfd xtbpfd

# Completion of hg-lfs for bash. Source it, from ~/.bashrc or /etc/bash_completion.d.
#
# Mercurial's own completion, where it is loaded, completes the commands and options of
# all extensions, and calls _hg_cmd_NAME for the arguments of a command. These functions
# are defined here. Without it, this file completes "hg" by itself.
#
# Set HGCOMPLETE_NOREMOTE to keep the completion of locks from asking their server.

# commands and options: begin (made by "make docs")
_hg_lfs_commands='
    admin::clone-bundles-clear
    admin::clone-bundles-refresh
    admin::clone-bundles-status
    admin::lfs-gc
    admin::lfs-locks
    admin::lfs-scrub
    admin::lfs-stats
    debug::lfs-local-cache
    debuglfsupload
    lfs
    lfs-checkout
    lfs-du
    lfs-env
    lfs-fetch
    lfs-files
    lfs-fsck
    lfs-lock
    lfs-locks
    lfs-prune
    lfs-push
    lfs-status
    lfs-track
    lfs-unlock
    lfs-untrack
'

# Print what the value of an option, or else an argument, of a command stands for.
_hg_lfs_kind() # COMMAND OPTION
{
    case "$1 $2" in
        'admin::lfs-gc --forget'|\
        'lfs-env ')
            echo folder ;;
        'lfs-locks --path'|\
        'lfs-unlock ')
            echo locked ;;
        'lfs-locks --id'|\
        'lfs-unlock --id')
            echo lockid ;;
        'admin::lfs-gc --grace'|\
        'admin::lfs-scrub --rate'|\
        'lfs-du --by'|\
        'lfs-du --depth'|\
        'lfs-files -I'|\
        'lfs-files --include'|\
        'lfs-files -X'|\
        'lfs-files --exclude'|\
        'lfs-locks -l'|\
        'lfs-locks --limit'|\
        'lfs-prune --retention'|\
        'lfs-prune --age'|\
        'lfs-prune --size'|\
        'lfs-status -I'|\
        'lfs-status --include'|\
        'lfs-status -X'|\
        'lfs-status --exclude')
            echo nothing ;;
        'debuglfsupload -r'|\
        'debuglfsupload --rev'|\
        'lfs-du -r'|\
        'lfs-du --rev'|\
        'lfs-fetch -r'|\
        'lfs-fetch --rev'|\
        'lfs-files -r'|\
        'lfs-files --rev'|\
        'lfs-fsck -r'|\
        'lfs-fsck --rev'|\
        'lfs-push -r'|\
        'lfs-push --rev'|\
        'lfs-status -r'|\
        'lfs-status --rev')
            echo rev ;;
        'lfs-untrack ')
            echo rule ;;
        'admin::clone-bundles-status -T'|\
        'admin::clone-bundles-status --template'|\
        'admin::lfs-gc -T'|\
        'admin::lfs-gc --template'|\
        'admin::lfs-scrub -T'|\
        'admin::lfs-scrub --template'|\
        'admin::lfs-stats -T'|\
        'admin::lfs-stats --template'|\
        'debug::lfs-local-cache -T'|\
        'debug::lfs-local-cache --template'|\
        'lfs-checkout -T'|\
        'lfs-checkout --template'|\
        'lfs-du -T'|\
        'lfs-du --template'|\
        'lfs-env -T'|\
        'lfs-env --template'|\
        'lfs-fetch -T'|\
        'lfs-fetch --template'|\
        'lfs-files -T'|\
        'lfs-files --template'|\
        'lfs-fsck -T'|\
        'lfs-fsck --template'|\
        'lfs-locks -T'|\
        'lfs-locks --template'|\
        'lfs-prune -T'|\
        'lfs-prune --template'|\
        'lfs-push -T'|\
        'lfs-push --template'|\
        'lfs-status -T'|\
        'lfs-status --template'|\
        'lfs-track -T'|\
        'lfs-track --template'|\
        'lfs-untrack -T'|\
        'lfs-untrack --template')
            echo template ;;
        'admin::lfs-locks '|\
        'lfs-checkout '|\
        'lfs-du '|\
        'lfs-fetch '|\
        'lfs-files '|\
        'lfs-fsck '|\
        'lfs-lock '|\
        'lfs-status ')
            echo tracked ;;
    esac
}
# commands and options: end

_hg_lfs_run()
{
    HGPLAIN=1 "${hg:-hg}" --noninteractive "$@" 2>/dev/null </dev/null
}

# Offer the lines of the standard input that begin with the current word.
_hg_lfs_offer()
{
    local line
    while IFS= read -r line; do
        if [[ -n "$line" && "$line" == "$cur"* ]]; then
            COMPREPLY+=("$line")
        fi
    done
}

# Print a field of all locks. A server that does not answer is soon given up.
_hg_lfs_locks() # FIELD
{
    if [ -z "$HGCOMPLETE_NOREMOTE" ]; then
        _hg_lfs_run --config lfs.timeout=3 --config lfs.retry=0 lfs-locks -T "{$1}\n"
    fi
}

# Print the paths of locked files below the current folder, relative to it.
_hg_lfs_lockedpaths()
{
    local root path below
    root="$(_hg_lfs_run root)" || return
    below="$(pwd -P)/"
    below="${below#"$root"/}"
    _hg_lfs_locks path | while IFS= read -r path; do
        [[ "$path" == "$below"* ]] && printf '%s\n' "${path#"$below"}"
    done
}

# Offer what can follow in the arguments of a command.
_hg_lfs_arguments() # COMMAND
{
    local kind
    kind="$(_hg_lfs_kind "$1" "$prev")"
    [ -n "$kind" ] || kind="$(_hg_lfs_kind "$1" '')"
    case "$kind" in
        tracked)
            _hg_lfs_offer < <(_hg_lfs_run debugpathcomplete -n -a -- "$cur") ;;
        locked)
            _hg_lfs_offer < <(_hg_lfs_lockedpaths) ;;
        lockid)
            _hg_lfs_offer < <(_hg_lfs_locks id) ;;
        rule)
            _hg_lfs_offer < <(_hg_lfs_run lfs-track -T '{left}\n') ;;
        rev)
            _hg_lfs_offer < <(_hg_lfs_run debugnamecomplete -- "$cur") ;;
        folder)
            _hg_lfs_offer < <(compgen -d -- "$cur") ;;
        template)
            _hg_lfs_offer < <(printf '%s\n' cbor debug json) ;;
    esac
}

# Offer the options of a command.
_hg_lfs_options() # COMMAND
{
    _hg_lfs_offer < <(_hg_lfs_run debugcomplete --options "$1")
}

# The name of a command such as admin::lfs-gc is three words for bash, as long as
# COMP_WORDBREAKS has a colon: offer what can follow the first of them.
_hg_lfs_namespace() # COMMAND|OPTION
{
    local name="$cmd::${COMP_WORDS[cmd_index + 2]}"
    [ "${COMP_WORDS[cmd_index + 1]}" = :: ] || return 1
    if [ "$COMP_CWORD" -gt $((cmd_index + 2)) ]; then
        if [ "$1" = OPTION ]; then
            _hg_lfs_options "$name"
        else
            _hg_lfs_arguments "$name"
        fi
        return
    fi
    [ "$1" = COMMAND ] || return 1
    [ "$cur" = :: ] && cur=
    _hg_lfs_offer < <(_hg_lfs_run debugcomplete "$cmd::$cur" | sed "s/^$cmd:://")
}

_hg_cmd_admin() { _hg_lfs_namespace COMMAND; }
_hg_opt_admin() { _hg_lfs_namespace OPTION; }
_hg_cmd_debug() { _hg_lfs_namespace COMMAND; }
_hg_opt_debug() { _hg_lfs_namespace OPTION; }

for _hg_lfs_name in $_hg_lfs_commands; do
    eval "_hg_cmd_$_hg_lfs_name() { _hg_lfs_arguments $_hg_lfs_name; }"
done
unset _hg_lfs_name

# Complete "hg" where Mercurial's own completion is not there.
_hg_lfs()
{
    local hg="$1" cur="$2" prev="$3" cmd='' cmd_index loader i
    # bash-completion loads Mercurial's when it is asked for: once, and for good
    if [ -z "$_hg_lfs_asked" ]; then
        _hg_lfs_asked=1
        for loader in _comp_load __load_completion; do
            if [ "$(type -t $loader)" = function ] && $loader hg 2>/dev/null; then
                return 124 # bash starts over, with what is loaded now
            fi
        done
    fi
    COMPREPLY=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        case "${COMP_WORDS[i]}" in
            --cwd|-R|--repository|--color|--config|--encoding|--encodingmode|--pager)
                ((i++)) ;;
            -*)
                ;;
            *)
                cmd="${COMP_WORDS[i]}"
                cmd_index=$i
                break ;;
        esac
    done
    if [[ "$cur" == -* ]]; then
        if [ "$(type -t "_hg_opt_$cmd")" != function ] || ! "_hg_opt_$cmd"; then
            _hg_lfs_options "$cmd"
        fi
    elif [[ -z "$cmd_index" || "$COMP_CWORD" -eq "$cmd_index" ]]; then
        # for the name of a command, Mercurial prints no longer ones
        _hg_lfs_offer < <(
            _hg_lfs_run debugcomplete "$cur"
            [ "$cur" != lfs ] || _hg_lfs_run debugcomplete lfs-
        )
    elif [ "$(type -t "_hg_cmd_$cmd")" = function ]; then
        "_hg_cmd_$cmd"
    fi
    _hg_lfs_finish
}

# Quote a word that is complete, and end it with a blank, or a slash after a folder.
_hg_lfs_finish()
{
    local end=' '
    if [ "${#COMPREPLY[@]}" = 1 ]; then
        case "${COMPREPLY[0]}" in
            *::) end= ;;
            *) [ ! -d "${COMPREPLY[0]}" ] || end=/ ;;
        esac
        COMPREPLY[0]="$(printf '%q' "${COMPREPLY[0]}")$end"
    fi
}

if ! complete -p hg >/dev/null 2>&1; then
    complete -o bashdefault -o default -o nospace -F _hg_lfs hg
fi

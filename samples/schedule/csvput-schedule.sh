#!/bin/sh
# Updates the CRM from one CSV file with nobody watching: goes on with the last run first if that was
# stopped before its end, then runs the file. For cron, systemd and Kubernetes; the README beside this
# script says what each exit code means and what becomes of it.
#
#   FILE=/srv/csvput/contacts.csv RUNS=/var/lib/csvput csvput-schedule.sh [--resume-only]
#
# FILE and RUNS must be set. RUNS is for the runs of this one schedule and nothing else. Which server,
# account and token is for csvput's own settings: CSVPUT_CONFIG, CSVPUT_TOKEN_FILE and so on.
set -u
umask 077

: "${FILE:?the CSV file}"
: "${RUNS:?the folder in which the folders of the runs are made}"
MAX_DURATION=${MAX_DURATION:-3h}
LOCK_TIMEOUT=${LOCK_TIMEOUT:-10m}
LOG_FILE=${LOG_FILE-$RUNS/csvput-$(date +%Y-%m).log} # set, but empty: log lines go to stderr
METRICS_FILE=${METRICS_FILE-}
ON_FINISH=${ON_FINISH-}
SUCCESS_CODES=${SUCCESS_CODES-} # exit codes of csvput for which this script ends with 0, such as "10"

# field prints a top-level text or number of a summary: one line each, indented by two spaces.
field() { sed -n 's/^  "'"$1"'": "\{0,1\}\([^",]*\)"\{0,1\},$/\1/p' "$2"; }

# stopped prints the folder of the last run if that can be gone on with without a person looking first:
# it was stopped for a cause that passes, or it died with its plan made ("planned"). A run that died
# before its plan was whole has no summary and has sent nothing.
stopped() {
    last=
    for dir in "$RUNS"/*-????????T??????Z; do
        case $dir in *-undo-*) continue ;; esac
        if [ -f "$dir/summary.json" ]; then last=$dir; fi
    done
    if [ -z "$last" ]; then return; fi
    case $(field state "$last/summary.json"):$(field exit_code "$last/summary.json") in
    planned:* | stopped:5 | stopped:10 | stopped:12 | stopped:130 | stopped:143) echo "$last" ;;
    esac
}

# send runs csvput and leaves its exit code in $code. csvput runs in the background because a shell
# handles a signal only while it waits: as process 1 of a container it would never pass one on.
send() {
    command=$1
    shift
    csvput "$command" --json --quiet --max-duration "$MAX_DURATION" --lock-timeout "$LOCK_TIMEOUT" \
        --log-format json --log-file "$LOG_FILE" --metrics-file "$METRICS_FILE" --on-finish "$ON_FINISH" \
        "$@" >"$RUNS/last.json.part" &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null' TERM
    trap : INT # Ctrl-C reaches csvput by itself
    wait "$child"
    code=$?
    while kill -0 "$child" 2>/dev/null; do # a signal ended the wait, not csvput
        wait "$child"
        code=$?
    done
    trap - TERM INT
    # A run that ended before it had a plan prints no summary.
    if [ -s "$RUNS/last.json.part" ]; then mv "$RUNS/last.json.part" "$RUNS/last.json"; fi
    tell
}

# tell says what the exit code asks for. cron mails what is printed here.
tell() {
    case $code in
    0) ;;
    2) say "ALARM: the settings are wrong, or there is no file: read the lines above" ;;
    3) say "some rows did not get through: correct $RUNS/$(field run_id "$RUNS/last.json")/failed.csv and run it" ;;
    4) say "ALARM: the file was refused and nothing was sent: correct $FILE" ;;
    5 | 10 | 130 | 137 | 143) say "stopped for a passing cause: the next start goes on" ;;
    7 | 8) say "ALARM: stopped, and going on by itself would not help: look at the newest report.html in $RUNS" ;;
    11) say "another csvput was still working on the last run after $LOCK_TIMEOUT: the next start tries again" ;;
    12) say "ALARM: the server refused the token: renew it, and the next start goes on" ;;
    *) say "ALARM: this should not happen: read the lines above, and the log" ;;
    esac
}

say() { echo "csvput-schedule: $command ended with exit code $code: $1" >&2; }

# leave ends the script with an exit code of csvput.
leave() {
    case " $SUCCESS_CODES " in *" $1 "*) exit 0 ;; esac
    exit "$1"
}

mkdir -p "$RUNS" || exit 1
earlier=0
dir=$(stopped)
if [ -n "$dir" ]; then
    send apply "$dir"
    earlier=$code
    # Only a finished run makes room for the next.
    case $code in 0 | 3) ;; *) leave "$code" ;; esac
fi
if [ "${1-}" = --resume-only ]; then leave "$earlier"; fi
send run --no-input --yes --out "$RUNS" "$FILE"
if [ "$code" -eq 0 ]; then code=$earlier; fi
leave "$code"

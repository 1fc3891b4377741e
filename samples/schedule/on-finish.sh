#!/bin/sh
# For csvput --on-finish: tells in one line how a run ended, to a chat if WEBHOOK is set, else by mail to
# MAILTO (root). Gets the summary on standard input; needs jq, and curl or mail.
set -u

text=$(jq -r '"csvput \(.run_id): \(.state), exit code \(.exit_code): "
    + ([.statuses | to_entries[] | select(.value > 0) | "\(.value) \(.key)"] | join(", "))
    + (if .stop then ". " + .stop.message else "" end)') || exit

if [ -n "${WEBHOOK-}" ]; then
    jq -n --arg text "$text" '{text: $text}' |
        curl --fail --silent --show-error --max-time 30 --header 'Content-Type: application/json' --data @- "$WEBHOOK" >/dev/null
else
    echo "$text" | mail -s "$(echo "$text" | cut -c 1-70)" "${MAILTO:-root}"
fi || echo "on-finish: nobody could be told: $text" >&2 # a chat that is down is no failure of the run

# Long work told as one line a step; whatever a step prints goes to a log. Sourced by other tools.

# step TITLE COMMAND...  The command may write what it did into $STEP_RESULT. When it fails, the
# end of the log is shown and the script ends with the command's code.
step() {
  local title=$1 started=$SECONDS code=0
  shift
  printf '%s … ' "$title"
  STEP_RESULT=$(mktemp)
  printf '\n== %s: %s\n' "$(date '+%F %T')" "$title" >>"$LOG"
  set +e  # not `|| code=$?`, which would let the command go on after a failure inside it
  ( set -e; "$@" ) >>"$LOG" 2>&1 </dev/null
  code=$?
  set -e
  local result
  result=$(<"$STEP_RESULT")
  rm -f "$STEP_RESULT"
  if ((code == 0)); then
    printf '%s (%d s)\n' "${result:-done}" $((SECONDS - started))
    return 0
  fi
  printf 'failed\n'
  if [[ -n $result ]]; then
    printf '%s\n' "$result" >&2
  else
    tail -n 15 "$LOG" | sed 's/^/    /' >&2
  fi
  printf 'The full log is %s.\n' "$LOG" >&2
  exit "$code"
}

# result TEXT  What a step did, or why it could not.
result() { printf '%s' "$1" >"$STEP_RESULT"; }

# retried COMMAND...  Three times, since mirrors have weak moments.
retried() {
  local try
  for try in 1 2 3; do
    if "$@"; then
      return 0
    fi
    echo "try $try of 3 failed: $*"
    ((try == 3)) || sleep $((try * 5))
  done
  return 1
}

#!/usr/bin/env bash
# What cargo calls for rustc: the program and the targets get the counters that libFuzzer reads. What they
# depend on is built as always, so that a build which is there already is used.
set -euo pipefail
case " $* " in
  *" --crate-name corslint "* | *" targets/"* | *"/targets/"*)
    exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
      -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
esac
exec "$@"

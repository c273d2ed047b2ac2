#!/bin/sh
# The last step of an image's build: bytecode, since nothing can be compiled where nothing can be written, and one time
# for every file of the folders that are given, the commit's. One process, one order, no seed: the same source gives the same bytes.
set -eu
PYTHONHASHSEED=0 python -m compileall -q -j 1 --invalidation-mode checked-hash "$@"
find "$@" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

#!/bin/sh
# Stands before yarn in the bench tool's PATH. An app that locks its packages with npm gets exactly those, out
# of a copy kept for the next bench; everything else goes on to yarn as it is.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)

if [ "${1:-}" = install ] && [ -f package-lock.json ] && [ ! -f yarn.lock ]; then
	key=$(cat package.json package-lock.json | sha256sum | cut -c1-16)
	store=${XDG_CACHE_HOME:-$HOME/.cache}/sinjai/node-modules/$key
	if [ ! -d "$store/node_modules" ]; then
		rm -rf "$store.new" && mkdir -p "$store.new"
		cp package.json package-lock.json "$store.new/"
		(cd "$store.new" && npm ci --ignore-scripts --no-audit --no-fund)
		rm -rf "$store" && mv "$store.new" "$store"
	fi
	rm -rf node_modules
	exec cp -a --reflink=auto "$store/node_modules" node_modules
fi
exec "$here/../lib/yarn/bin/yarn" "$@"

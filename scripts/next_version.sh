#!/usr/bin/env bash
# The programs of a next version, as a rollout meets one: every view is folded by another version, and every event has one member more. Built in build/next, from
# the tree as it is.
#   scripts/next_version.sh [PRESET]      default: release; prints where they are
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release} next=build/next
mkdir -p "$next"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -C "$next"
[ ! -d dashboard/dist ] || cp -r dashboard/dist "$next/dashboard/"
raised=0
for file in "$next"/services/*/projection.cpp; do
  perl -pi -e 's/((?:\.version = |deciding_projection\("\w+", ))(\d+)/$1 . ($2 + 1)/e' "$file"
  cmp -s "$file" "${file#"$next/"}" || raised=$((raised + 1))
done
perl -pi -e 's/^(  envelope\.string\("request", .*)$/$1\n  envelope.string("of_the_next_version", "yes");/' "$next/libs/events/events_json.cpp"
roles=$(sed -nE 's/^set\(QUICKLIME_ROLES (.*)\)/\1/p' CMakeLists.txt)
[ "$raised" = "$(wc -w <<<"$roles")" ] || { echo "next_version.sh: $raised views have another version, and there are the roles $roles" >&2 && exit 1; }
targets=(quicklime)
for role in ${roles//_/-}; do targets+=("quicklime-$role" "quicklime-projector-$role"); done
cd "$next"
cmake --preset "$preset" -DQUICKLIME_TESTS=OFF >/dev/null
cmake --build --preset "$preset" -j "$(nproc)" --target "${targets[@]}" >&2
echo "$PWD/build/$preset/bin"

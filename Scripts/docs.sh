#!/usr/bin/env bash
# Makes the libraries' reference pages with DocC, one folder per library below .build/docs. A link that leads
# nowhere is an error; a parameter whose name says it all may go without a line.
set -euo pipefail
cd "$(dirname "$0")/.."
swift="${SWIFT:-swift}"
docc="${DOCC:-$(dirname "$(command -v "$swift")")/docc}"
graphs="$("$swift" package dump-symbol-graph --minimum-access-level public \
  --skip-synthesized-members | sed -n 's/^Files written to //p' | tail -1)"
[ -d "$graphs" ] || { echo "docs.sh: no symbol graphs were written" >&2; exit 1; }
rm -rf .build/docs
mkdir -p .build/docs
log=.build/docs/warnings.txt
for catalog in Sources/*/*.docc; do
  name="$(basename "$catalog" .docc)"
  own=".build/docs/graphs/$name"
  mkdir -p "$own"
  cp "$graphs/$name".symbols.json "$own"/
  for extension in "$graphs/$name"@*.symbols.json; do
    [ -e "$extension" ] && cp "$extension" "$own"/
  done
  "$docc" convert "$catalog" --additional-symbol-graph-dir "$own" \
    --fallback-display-name "$name" --fallback-bundle-identifier "laconic.$name" \
    --output-path ".build/docs/$name" >> "$log" 2>&1 || { cat "$log" >&2; exit 1; }
done
if grep -A4 '^warning:' "$log" | grep -v 'is missing documentation' | grep -q '^warning:'; then
  grep -A6 '^warning:' "$log" >&2
  exit 1
fi
echo "$(ls -d .build/docs/*/ | grep -vc graphs) libraries are documented below .build/docs"
rm -rf .build/docs/graphs

#!/usr/bin/env bash
# What can be checked without building: format, owners of includes, the dependency table, sizes, scripts, documents.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=0
complain() {
  echo "check: $1" >&2
  failed=1
}

# ---- format
mapfile -t sources < <(git ls-files --cached --others --exclude-standard 'libs/*.[ch]pp' 'services/*.[ch]pp' 'tests/*.[ch]pp' 'libs/**/*.[ch]pp' 'services/**/*.[ch]pp' 'tests/**/*.[ch]pp' | sort -u)
# Versions differ in what they like: Debian 12's decides.
if ! clang-format --version | grep -q 'version 14\.'; then
  echo "check: format not checked, this is no clang-format 14" >&2
elif ! clang-format --dry-run -Werror "${sources[@]}" 2>/tmp/quicklime-format.$$; then
  grep -E 'error:' /tmp/quicklime-format.$$ | cut -d: -f1 | sort | uniq -c >&2
  complain "not formatted: clang-format -i the files above"
fi
rm -f /tmp/quicklime-format.$$

# ---- who may include what (docs/architecture.md, section 3): pattern of the include, then who may
owner() {
  local include=$1 allowed=$2
  local offenders
  offenders=$(grep -lE "#include <($include)" "${sources[@]}" | grep -vE "^($allowed|tests/)" || true)
  [ -z "$offenders" ] || complain "only $allowed may include <$include>: $offenders"
}
owner 'openssl/' 'libs/crypto/|libs/pki/|libs/async/tls\.cpp'
owner 'boost/asio' 'libs/async/'
owner 'boost/beast' 'libs/http/[a-z_]*\.cpp'
owner 'nlohmann/' '[a-z_/]*_json\.cpp'
owner 'sqlite3' 'libs/sqlite/'
owner 'spdlog/' 'libs/base/logging\.cpp'
owner 'toml\+\+/' 'libs/base/toml\.cpp'
owner 'CLI/' 'libs/runtime/command_line\.cpp'
owner 'prometheus/' 'libs/runtime/metrics_text\.cpp'
owner 'librdkafka/' 'libs/eventlog/'
owner 'hiredis/' 'libs/views/'
owner 'argon2' 'services/identity/password\.cpp'
owner '(ldap|openldap|lber)\.h' 'services/identity/directory_connection\.cpp'

# ---- what a JSON parser says of its input helps nobody: our text says what was expected, and where
if printf '%s\n' "${sources[@]}" | grep '_json\.cpp$' | xargs grep -nF '.what()'; then complain "the words of a JSON parser are shown"; fi

# ---- g++ 12 makes code that crashes of a co_await that is evaluated only sometimes
if printf '%s\n' "${sources[@]}" | xargs grep -nE '(&&|\|\||\?|[^:]:)[ (!*]*co_await'; then complain "co_await behind &&, || or ?: : write an if"; fi

# ---- and of one whose value is a condition, as soon as an argument of it is an object: `this` of the callee is lost
if printf '%s\n' "${sources[@]}" | grep '\.cpp$' | xargs grep -nE '(if|while) \([(!]*co_await'; then complain "co_await as a condition: give its value a name first"; fi

# ---- nor may an argument be an object that is made only sometimes, or one of braces: it is destroyed twice
python3 scripts/check_awaits.py || failed=1

# ---- a library includes only what its line in CMake names, and no service includes another
python3 scripts/check_dependencies.py || failed=1

# ---- every problem has a section in docs/errors.md, every document link leads somewhere
python3 scripts/check_documents.py || failed=1

# ---- sizes: one noun a file
while read -r lines file; do
  [ "$file" = total ] || [ "$lines" -le 400 ] || complain "$file has $lines lines: does it hold two ideas?"
done < <(printf '%s\n' "${sources[@]}" | grep -E '^(libs|services)/' | xargs wc -l)

# ---- every test is in a program (CMake globs direct children of tests/unit/<x>, tests/contract/<x> and tests/fault/<x>)
while read -r file; do
  [[ "$file" =~ ^tests/(unit|contract|fault)/[a-z_]+/[a-z_]+\.cpp$ ]] || complain "$file is in no test program"
done < <(printf '%s\n' "${sources[@]}" | grep '_test\.cpp$')

# ---- scripts
shellcheck scripts/*.sh scripts/kubernetes/*.sh docker/*.sh tests/package/*.sh .ci/run || complain "shellcheck"

# ---- words that have no place here
if git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- libs services scripts cmake tests ':!scripts/check.sh'; then complain "unfinished by its own words"; fi
if git grep -nIE 'GTEST_SKIP|DISABLED_|pytest\.(mark\.)?skip' -- tests; then complain "a test that can skip itself"; fi

if [ "$failed" -eq 0 ]; then echo "check: clean"; fi
exit "$failed"

#pragma once
// Errors are values. A function that can fail returns Result<T>; exceptions are left to
// programming errors and allocation failure, and are caught once per request in libs/http.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace quicklime {

// Coarse on purpose: a code is what a caller may branch on and what libs/http maps to a
// status, at one place. What went wrong in particular is `reason`.
enum class ErrorCode : std::uint8_t {
  invalid,              // 400: the request cannot be right, whoever asks
  unauthenticated,      // 401: nobody we know
  denied,               // 403: known, and not allowed
  not_found,            // 404
  conflict,             // 409: lost to another, or not possible in the present state
  too_large,            // 413
  unsupported,          // 415: a media type, or a feature this build lacks
  unprocessable,        // 422: same Idempotency-Key, other body
  too_many,             // 429
  unavailable,          // 503: nothing happened; ask again
  outcome_unknown,      // 503: it may have happened; ask again with the same Idempotency-Key
  verification_failed,  // a certificate, chain, signature or hash chain does not hold
  internal,             // 500: our fault
};

struct Error {
  ErrorCode code;
  std::string reason;                     // stable, kebab-case: "name-not-granted"; a section of docs/errors.md
  std::string detail;                     // for people: what is wrong, and what to do about it
  std::string field{};                    // which part of the input: "subjectAltName", "/lifetime"; may be empty
  std::uint32_t retry_after_seconds = 0;  // 0: no advice
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Failure = tl::unexpected<Error>;

// return fail(ErrorCode::invalid, "csr-malformed", "the CSR is not DER: ...", "csr");
inline Failure fail(ErrorCode code, std::string reason, std::string detail, std::string field = {}) {
  return Failure(Error{code, std::move(reason), std::move(detail), std::move(field), 0});
}
inline Failure fail(Error error) { return Failure(std::move(error)); }

// Passes a failure on, keeping its cause:  if (!x) return forward(x);
template <class T>
Failure forward(const tl::expected<T, Error>& failed) {
  return Failure(failed.error());
}
template <class T>
Failure forward(tl::expected<T, Error>&& failed) {
  return Failure(std::move(failed).error());
}

}  // namespace quicklime

#pragma once
// What requests cost, counted where it is done: what a stranger's request may cost is a number of these, not a time.

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace quicklime::work {

enum class Kind : std::uint8_t {
  ocsp_reading,       // ways to read one path that were tried
  ocsp_request,       // parsed
  json_value,         // of bodies: members, elements, what is nested
  certificate,        // parsed
  csr,                // parsed
  signature_checked,  // chains, proofs, CSRs
  signature_made      // by our keys, without those of TLS handshakes
};
inline constexpr std::array kinds{Kind::ocsp_reading, Kind::ocsp_request,      Kind::json_value,    Kind::certificate,
                                  Kind::csr,          Kind::signature_checked, Kind::signature_made};
inline constexpr std::array<std::string_view, kinds.size()> names{"ocsp_reading", "ocsp_request",      "json_value",    "certificate",
                                                                  "csr",          "signature_checked", "signature_made"};

namespace detail {
inline std::array<std::atomic<std::uint64_t>, kinds.size()> counts{};
}

// Of the whole process; any thread.
inline void count(Kind kind) { detail::counts[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed); }
inline std::uint64_t counted(Kind kind) { return detail::counts[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed); }

}  // namespace quicklime::work

#include "ca/crl_publication.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "pki/crl.hpp"

namespace quicklime::ca {
namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

std::string crl_number_text(Position number) {
  auto value = (static_cast<Wide>(number.epoch) << 64U) | number.offset;
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Result<Position> parse_crl_number(std::string_view decimal) {
  const auto malformed = [&] {
    return fail(ErrorCode::invalid, "crl-number-malformed", "\"" + std::string(decimal) + "\" is not a CRL number", "number");
  };
  if (decimal.empty() || (decimal.size() > 1 && decimal.front() == '0')) return malformed();
  Wide value = 0;
  for (const char digit : decimal) {
    if (digit < '0' || digit > '9') return malformed();
    const auto added = static_cast<Wide>(digit - '0');
    if (value > (~Wide{0} - added) / 10) return malformed();
    value = value * 10 + added;
  }
  return Position{static_cast<std::uint64_t>(value >> 64U), static_cast<std::uint64_t>(value)};
}

std::string crl_number_octets(Position number) {
  std::string octets;
  for (const auto half : {number.epoch, number.offset}) {
    for (unsigned shift = 64; shift > 0; shift -= 8) octets.push_back(static_cast<char>((half >> (shift - 8)) & 0xFFU));
  }
  octets.erase(0, std::min(octets.find_first_not_of('\0'), octets.size() - 1));
  return octets;
}

CrlTimes crl_times(Instant now, Milliseconds backdate, Milliseconds lifetime) {
  return {(now - backdate).whole_seconds(), (now + lifetime).whole_seconds(), now.whole_seconds()};
}

Result<events::CrlPublished> make_publication(const Authority& authority, const crypto::Signer& signer, std::string previous,
                                              Position number, std::string_view entries, const CrlTimes& times) {
  auto parts = pki::sign_crl({.issuer = authority.certificate.subject(),
                              .this_update = times.this_update,
                              .next_update = times.next_update,
                              .number = crl_number_octets(number),
                              .authority_key_identifier = authority.certificate.subject_key_identifier()},
                             entries, signer);
  if (!parts) return forward(parts);
  return events::CrlPublished{.scope = authority.id.text(),
                              .previous = std::move(previous),
                              .number = crl_number_text(number),
                              .entries_sha256 = hex_encode(crypto::view(crypto::sha256(entries))),
                              .before = std::move(parts->before),
                              .after = std::move(parts->after),
                              .this_update = times.this_update,
                              .next_update = times.next_update,
                              .signed_at = times.signed_at};
}

}  // namespace quicklime::ca

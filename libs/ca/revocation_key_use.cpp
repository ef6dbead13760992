#include "ca/revocation_key_use.hpp"

#include <algorithm>
#include <charconv>

namespace quicklime::ca {
namespace {

constexpr const char* kSpace = "revocation_key";
constexpr std::int64_t kDay = 86'400'000;

// As RevocationKey makes them; what else a log may hold is no key's id.
bool is_id(std::string_view id) { return id.size() == 8 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

std::string encode(const std::vector<RevocationKeyUse>& used) {
  std::string text;
  for (const auto& key : used) text += key.id + " " + std::to_string(key.until.milliseconds()) + "\n";
  return text;
}

}  // namespace

views::Space revocation_key_space() { return {kSpace, views::SpaceKind::points}; }
views::PointKey revocation_keys_key() { return {kSpace, "all"}; }

Result<void> fold_revocation_key(const events::Event& event, views::Fold& fold) {
  const auto* issued = std::get_if<events::CertificateIssued>(&event.data);
  if (!issued || !is_id(issued->revocation_key)) return {};
  const auto point = revocation_keys_key();
  auto used = decode_revocation_keys(fold.get(point.space, point.key));
  if (!used) return forward(used);
  // By days, so that the point does not change with every certificate.
  const Instant until = Instant::from_milliseconds((issued->not_after.milliseconds() + kDay - 1) / kDay * kDay);
  auto key = std::find_if(used->begin(), used->end(), [&](const RevocationKeyUse& one) { return one.id == issued->revocation_key; });
  if (key == used->end()) {
    used->push_back({issued->revocation_key, until});
  } else if (key->until < until) {
    key->until = until;
  } else {
    return {};
  }
  fold.put(point.space, point.key, encode(*used));
  return {};
}

Result<std::vector<RevocationKeyUse>> decode_revocation_keys(const std::optional<std::string>& value) {
  std::vector<RevocationKeyUse> used;
  std::string_view text = value ? std::string_view(*value) : std::string_view();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto space = line.find(' ');
    std::int64_t until = 0;
    const auto number = line.substr(std::min(line.size(), space == std::string_view::npos ? line.size() : space + 1));
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), until);
    if (!is_id(line.substr(0, space)) || error != std::errc{} || end != number.data() + number.size()) {
      return fail(ErrorCode::internal, "record-undecodable", "the view's list of revocation keys is not one of ours");
    }
    used.push_back({std::string(line.substr(0, space)), Instant::from_milliseconds(until)});
  }
  return used;
}

std::vector<RevocationKeyUse> missing_revocation_keys(const std::vector<RevocationKeyUse>& used, const std::vector<std::string>& held_ids,
                                                      Instant now) {
  std::vector<RevocationKeyUse> missing;
  for (const auto& key : used) {
    if (key.until >= now && std::find(held_ids.begin(), held_ids.end(), key.id) == held_ids.end()) missing.push_back(key);
  }
  return missing;
}

}  // namespace quicklime::ca

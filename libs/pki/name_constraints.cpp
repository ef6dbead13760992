#include "pki/name_constraints.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "pki/der.hpp"

namespace quicklime::pki {
namespace {

constexpr Tag kDnsName = context(2), kIpAddress = context(7);  // of GeneralName

Failure malformed_constraints(const std::string& what) {
  return fail(ErrorCode::invalid, "name-constraints-malformed", what, "nameConstraints");
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string address_octets(const std::string& text) {
  std::array<char, 16> octets{};
  if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return {octets.data(), 4};
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return {octets.data(), 16};
  return {};
}

std::string mask_of(std::size_t size, unsigned bits) {
  std::string mask(size, '\0');
  for (unsigned bit = 0; bit < bits; ++bit) {
    mask[bit / 8] = static_cast<char>(static_cast<unsigned char>(mask[bit / 8]) | (0x80U >> (bit % 8)));
  }
  return mask;
}

}  // namespace

bool NameConstraints::Subtree::covers(const AlternativeName& name) const {
  if (name.kind != kind) return false;
  if (kind == NameKind::dns) {
    // A wildcard stands for names of one label more, which are below whatever its rest is below.
    std::string_view host = name.value;
    if (host.starts_with("*.")) host.remove_prefix(2);
    if (base.empty() || host == base) return true;
    return host.size() > base.size() && host.ends_with(base) && (base.front() == '.' || host[host.size() - base.size() - 1] == '.');
  }
  const std::string octets = address_octets(name.value);
  if (octets.size() * 2 != base.size()) return false;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if ((octets[i] & base[octets.size() + i]) != (base[i] & base[octets.size() + i])) return false;
  }
  return true;
}

std::string NameConstraints::Subtree::text() const {
  if (kind == NameKind::dns) return "DNS:" + (base.empty() ? std::string("*") : base);
  const std::size_t size = base.size() / 2;
  std::array<char, INET6_ADDRSTRLEN> address{};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, base.data(), address.data(), address.size());
  int bits = 0;
  for (std::size_t i = size; i < base.size(); ++i) bits += std::popcount(static_cast<unsigned char>(base[i]));
  return "IP:" + std::string(address.data()) + "/" + std::to_string(bits);
}

Result<NameConstraints::Subtree> NameConstraints::parse_ip(const std::string& range) {
  const auto slash = range.find('/');
  const std::string address = address_octets(range.substr(0, slash));
  unsigned bits = static_cast<unsigned>(address.size() * 8);
  bool good = !address.empty();
  if (good && slash != std::string::npos) {
    const char* const end = range.data() + range.size();
    unsigned asked = 0;
    const auto read = std::from_chars(range.data() + slash + 1, end, asked);
    good = read.ec == std::errc() && read.ptr == end && asked <= bits;
    bits = asked;
  }
  if (!good) return malformed_constraints("'" + range + "' is no range of addresses: write 10.0.0.0/8, fd00::/8 or 10.0.0.7");
  const std::string mask = mask_of(address.size(), bits);
  std::string network = address;
  for (std::size_t i = 0; i < network.size(); ++i) network[i] = static_cast<char>(network[i] & mask[i]);
  if (network != address) return malformed_constraints("'" + range + "' has bits behind its prefix: where does the range begin?");
  return Subtree{NameKind::ip, network + mask};
}

Result<NameConstraints> NameConstraints::permitting(const std::vector<std::string>& dns, const std::vector<std::string>& ip) {
  if (dns.empty() && ip.empty()) return malformed_constraints("nothing is permitted: name a DNS name or a range of addresses");
  NameConstraints made;
  for (const auto& name : dns) {
    const auto host = AlternativeName::make(NameKind::dns, name);
    if (!host || name.starts_with("*"))
      return malformed_constraints("'" + name + "' is no DNS name: write home.lan, which stands for everything below it, too");
    made.permitted_.push_back({NameKind::dns, host->value});
  }
  for (const auto& range : ip) {
    auto subtree = parse_ip(range);
    if (!subtree) return forward(subtree);
    made.permitted_.push_back(*std::move(subtree));
  }
  // What is not named at all would not be constrained. Both families, as the Baseline Requirements (7.1.5) ask for it.
  if (dns.empty()) made.excluded_.push_back({NameKind::dns, ""});
  for (const std::size_t size : {std::size_t{4}, std::size_t{16}}) {
    const bool any = std::any_of(made.permitted_.begin(), made.permitted_.end(),
                                 [&](const Subtree& one) { return one.kind == NameKind::ip && one.base.size() == 2 * size; });
    if (!any) made.excluded_.push_back({NameKind::ip, std::string(2 * size, '\0')});
  }
  made.write();
  return made;
}

void NameConstraints::write() {
  const auto subtrees = [](const std::vector<Subtree>& all) {
    std::string list;
    for (const auto& one : all) append_der(list, Tag::sequence, pki::der(one.kind == NameKind::dns ? kDnsName : kIpAddress, one.base));
    return list;
  };
  std::string content;
  if (!permitted_.empty()) append_der(content, context_constructed(0), subtrees(permitted_));
  if (!excluded_.empty()) append_der(content, context_constructed(1), subtrees(excluded_));
  der_ = pki::der(Tag::sequence, content);
}

Result<NameConstraints> NameConstraints::from_der(std::string_view value) {
  DerReader outer(value);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty()) return malformed_constraints("nameConstraints are not well-formed");
  NameConstraints read;
  read.der_ = std::string(value);
  for (const unsigned number : {0U, 1U}) {
    if (!fields->next_is(context_constructed(number))) continue;
    auto list = fields->enter(context_constructed(number));
    while (list && !list->empty()) {
      auto subtree = list->enter(Tag::sequence);
      const auto base = subtree ? subtree->any() : std::nullopt;
      if (!base) return malformed_constraints("a subtree of nameConstraints is not well-formed");
      auto& kept = number == 0 ? read.permitted_ : read.excluded_;
      if (base->tag == kDnsName) kept.push_back({NameKind::dns, lower_case(base->value)});
      if (base->tag == kIpAddress && (base->value.size() == 8 || base->value.size() == 32))
        kept.push_back({NameKind::ip, std::string(base->value)});
    }
    if (!list) return malformed_constraints("the subtrees of nameConstraints are not well-formed");
  }
  if (!fields->empty()) return malformed_constraints("there are bytes behind nameConstraints");
  return read;
}

bool NameConstraints::permits(const AlternativeName& name) const {
  const auto covers = [&](const Subtree& one) { return one.covers(name); };
  if (std::any_of(excluded_.begin(), excluded_.end(), covers)) return false;
  const bool constrained = std::any_of(permitted_.begin(), permitted_.end(), [&](const Subtree& one) { return one.kind == name.kind; });
  return !constrained || std::any_of(permitted_.begin(), permitted_.end(), covers);
}

std::string NameConstraints::text() const {
  std::string text;
  for (const auto& one : permitted_) text += (text.empty() ? "permits " : ", ") + one.text();
  std::string excluded;
  for (const auto& one : excluded_) excluded += (excluded.empty() ? "excludes " : ", ") + one.text();
  return text + (text.empty() || excluded.empty() ? "" : "; ") + excluded;
}

}  // namespace quicklime::pki

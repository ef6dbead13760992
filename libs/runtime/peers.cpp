#include "runtime/peers.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/toml.hpp"
#include "pki/chain.hpp"

namespace quicklime::runtime {
namespace {

constexpr std::size_t kMaximumKnown = 1'000;
constexpr std::size_t kLargestPeer = 8 * 1024;  // what is larger is no peer's, and is not parsed

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nobody" : text;
}

}  // namespace

Result<std::vector<std::string>> load_peers(const std::filesystem::path& file, const std::string& role) {
  const auto content = read_file(file);
  if (!content) {
    return fail(ErrorCode::not_found, "configuration-missing",
                "there is no " + file.string() + ", which says who may call this daemon: [" + role + "] accepts = [\"gateway\"]");
  }
  const auto values = parse_toml(*content, file.string());
  if (!values) return forward(values);
  for (const auto& [key, value] : *values) {
    if (key.ends_with(".accepts") && std::holds_alternative<std::vector<std::string>>(value.value)) continue;
    return fail(
        ErrorCode::invalid, "setting-unknown",
        file.string() + ", line " + std::to_string(value.line) + ": only <role>.accepts, a list of names, may stand here, not " + key);
  }
  const auto found = values->find(role + ".accepts");
  if (found == values->end()) {
    return fail(ErrorCode::invalid, "setting-invalid",
                file.string() + " does not say whom " + role + " accepts; add [" + role + "] accepts = [\"gateway\"]");
  }
  return std::get<std::vector<std::string>>(found->second.value);
}

Peers::Peers(std::vector<std::string> accepts, std::vector<ca::Authority> authorities, const Clock& clock)
    : accepts_(std::move(accepts)), clock_(clock) {
  for (auto& authority : authorities) (authority.parent ? intermediates_ : roots_).push_back(std::move(authority.certificate));
}

Result<void> Peers::admit(const http::Request& request) const {
  if (!request.peer.certificate) {
    return fail(ErrorCode::denied, "peer-unknown", "a client certificate of this CA is needed here");
  }
  const auto name = identify(*request.peer.certificate);
  if (!name) return forward(name);
  if (std::find(accepts_.begin(), accepts_.end(), *name) != accepts_.end()) return {};
  return fail(ErrorCode::denied, "peer-not-accepted",
              "the peer " + *name + " may not call this daemon, which accepts " + joined(accepts_) + "; peers.toml says so");
}

Result<std::string> Peers::identify(const std::string& certificate) const {
  const Instant now = clock_.now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(certificate);
    if (found != known_.end() && now <= found->second.not_after) return found->second.name;
  }
  if (certificate.size() > kLargestPeer) return fail(ErrorCode::denied, "peer-unknown", "no peer has so large a certificate");
  const auto parsed = pki::Certificate::parse(certificate);
  if (!parsed) return fail(ErrorCode::denied, "peer-unknown", "the client certificate cannot be read: " + parsed.error().detail);
  if (auto holds = pki::verify_chain(*parsed, intermediates_, roots_, now); !holds) {
    return fail(ErrorCode::denied, "peer-unknown", "the client certificate is not good for this CA: " + holds.error().detail);
  }
  const auto& names = parsed->alternative_names();
  const auto dns = std::find_if(names.begin(), names.end(), [](const auto& name) { return name.kind == pki::NameKind::dns; });
  if (dns == names.end()) return fail(ErrorCode::denied, "peer-unknown", "the client certificate has no DNS name");
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaximumKnown) known_.clear();
  known_.insert_or_assign(certificate, Known{dns->value, parsed->not_after()});
  return dns->value;
}

}  // namespace quicklime::runtime

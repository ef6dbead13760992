#pragma once
// How one provider is reached: its metadata and its keys, asked for once for all who wait and kept while it is away.

#include <memory>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "crypto/jws.hpp"
#include "http/message.hpp"
#include "identity/provider_metadata.hpp"
#include "identity/settings.hpp"

namespace quicklime::identity {

// Any thread.
//   When the keys are asked for: when there are none; when those that are there are 15 minutes old (then by one who asks, while the others
//   go on with them); when a token names a key that is not among them, at most once in 30 s, whatever it is that strangers send. Two
//   fetches never run at a time. What a fetch brings takes the place of what was there, so a key that the provider takes back counts no
//   longer; what fails changes nothing. With keys_file the same, from the file.
class ProviderKeys {
 public:
  // Both outlive it.
  ProviderKeys(const ProviderSettings& settings, const Clock& clock);
  ~ProviderKeys();

  // What was signed, by the provider's keys: errors of crypto/jws.hpp, "jws-key-unknown" with how long nobody asks for newer keys.
  // "provider-unreachable", "provider-answer" (unavailable): there are no keys, or not the one that the token names, and no newer ones
  // come.
  async::Task<Result<std::string>> verified(const crypto::Jws& jws);
  // Not with keys_file. Errors as above.
  async::Task<Result<ProviderMetadata>> metadata();
  // One request to an address of the provider: its path and query become the target. Any status is an answer. "provider-unreachable".
  async::Task<Result<http::Response>> ask(std::string url, http::Request request) const;

 private:
  struct Known;
  struct Flight;
  std::shared_ptr<const Known> known() const;
  enum class Why : std::uint8_t { none, old, unknown };  // keys there are; those are old; the one that a token names
  // Fetches, waits for a fetch under way, or says why neither is done. seen: what the caller goes by; what is newer satisfies it.
  async::Task<Result<void>> fetch_for(Why why, std::shared_ptr<const Known> seen);
  async::Task<Result<std::shared_ptr<const Known>>> fresh();  // what there is, old or not, where nothing newer comes
  async::Task<Result<std::shared_ptr<const Known>>> fetch() const;
  async::Task<Result<std::string>> get(std::string url) const;

  struct State;
  const ProviderSettings& settings_;
  const Clock& clock_;
  const std::shared_ptr<State> state_;
};

}  // namespace quicklime::identity

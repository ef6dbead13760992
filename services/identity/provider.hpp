#pragma once
// One provider of OpenID Connect, [oidc.NAME]: whom its tokens show. What such a person or program may do, rules say (rule.hpp).

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/person.hpp"
#include "identity/settings.hpp"

namespace quicklime::identity {

class ProviderKeys;

// Any thread. Coroutines refer to it, which outlives them.
class Provider {
 public:
  // "setting-invalid", naming the setting. Asks nothing yet: a provider that is down stops nobody else from signing in.
  static Result<std::unique_ptr<Provider>> make(std::string name, ProviderSettings settings, const Clock& clock);
  ~Provider();

  const std::string& name() const { return name_; }
  const std::string& issuer() const { return settings_.issuer; }
  // Whether begin() and finish() work: not with keys_file.
  bool by_browser() const { return settings_.keys_file.empty(); }

  // A program's token, or a person's ID token, signed by this provider and for `audience`. Person::until is its end. Unauthenticated:
  // errors of crypto/jws.hpp and identity/assertion.hpp, "assertion-type" for a token that is made for something else. Unavailable:
  // "provider-unreachable", "provider-answer".
  async::Task<Result<Person>> verify(std::string assertion);

  // Authorization code with PKCE (RFC 6749 section 4.1, RFC 7636, RFC 9700): where the browser goes, and what must be there when it comes
  // back. `kept` is sealed in a cookie by whoever calls, for any replica to finish; it counts for 10 minutes.
  struct Begun {
    std::string url;
    Secret kept;
  };
  async::Task<Result<Begun>> begin(std::string redirect_uri);
  // query: of the request to redirect_uri. The code is exchanged, and the ID token shows who it is; claims that it lacks are asked for at
  // the provider's userinfo. Person::until is in an hour, however short the token is: then the provider is asked anew.
  // "browser-sign-in-failed" (unauthenticated) for another state, issuer or nonce, a code that is used up, and what the provider itself
  // refused; else as verify().
  using Query = std::map<std::string, std::string, std::less<>>;
  async::Task<Result<Person>> finish(Secret kept, Query query);

 private:
  Provider(std::string name, ProviderSettings settings, const Clock& clock);
  struct Flow;
  async::Task<Result<std::string>> verified(std::string token, bool id_token);
  async::Task<Result<Person>> exchange(const Flow& flow, const std::string& code);
  async::Task<Result<void>> add_userinfo(const std::string& url, const Secret& access_token, Person& person);

  const std::string name_;
  const ProviderSettings settings_;
  const Clock& clock_;
  const std::unique_ptr<ProviderKeys> keys_;
};

// Who an assertion says it is from, which anybody may have written: to find the provider that verifies it. nullopt: no signed token.
std::optional<std::string> claimed_issuer(std::string assertion);

}  // namespace quicklime::identity

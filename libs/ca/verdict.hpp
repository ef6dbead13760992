#pragma once
// How races are decided: the first in the log wins (architecture section 5). One pure function.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "events/event.hpp"

namespace quicklime::ca {

// Who was first at a `once` key.
struct Claim {
  EventId first;
  std::uint64_t offset;  // of that event: the answer to a retry is read back from the log
  std::string serial;    // hex; of the certificate that it is about
  std::string body;      // hash of its request
  Instant not_after;     // of that certificate; under rules 1 a command counts until then, else as long as the view keeps it
  std::string status{};  // of that certificate behind the event (ca::encode), where a retry is answered with it; else empty
  bool operator==(const Claim&) const = default;
};

// What is judged: an event of the log, by its own rules, or what is to become one, by those of today. Refers to both for as long as it
// lives.
struct Judged {
  Judged(const events::Event& event)
      : actor(event.actor), once(event.once), body(event.body), data(event.data), rules(event.rules), written(&event) {}
  Judged(const events::Actor& actor, const std::vector<std::string>& once, const std::string& body, const events::Data& data)
      : actor(actor), once(once), body(body), data(data) {}

  const events::Actor& actor;
  const std::vector<std::string>& once;
  const std::string& body;
  const events::Data& data;
  unsigned rules = events::kRules;
  const events::Event* written = nullptr;
};

// What must be known, as of the event's offset, to judge it.
struct Before {
  std::vector<std::optional<Claim>> claims{};  // one per event.once, in its order
  struct Author {                              // who asked (ca/principal.hpp)
    std::string_view refusal;
    unsigned since = 1;
    bool live = true;
    bool key_blocked = false;
  };
  std::optional<Author>
      author{};                 // nullopt: nobody whom the log can take back, or the holder of the predecessor, of which more is demanded
  bool allowed_by_live = true;  // the token that allowed it a longer life
  bool voucher_stands = true;   // the certificate of the peer that saw the client's, and its key is not blocked
  bool key_blocked = false;
  struct Predecessor {  // of `replaces`; absent when this log never issued it
    AuthorityId authority;
    bool stands;  // it was answered itself
    bool revoked_or_held;
    bool key_blocked = false;  // its key was reported as compromised, on whichever certificate
    bool continued = false;    // its authority may be followed by the one of the event (Lineage::continues)
  };                           // whether it has expired is no matter of order: policy of the role, asked before anything is signed
  std::optional<Predecessor> predecessor{};
};

struct Stands {};
struct RetryOf {
  Claim first;
};  // same once key, same body: answer with the first certificate
struct Refused {
  Error error;
  std::optional<Claim> lost_to{};  // where another was first
};                                 // 422 other body, 409 second renewal or second use, 403 revoked or blocked meanwhile
using Verdict = std::variant<Stands, RetryOf, Refused>;

// By the once keys alone, for every event that nothing else decides: the first stands, the same body is its retry, another is refused.
Verdict judge_claims(const Judged& judged, const Before& before);

// Judges certificate.issued events; of others, their claims alone. An event that names nothing to be first at stands: its certificate was
// answered as soon as it was durable, and no later rule may take that back (docs/adr/0003). Each event is judged by the rules it names
// (events::kRules): a changed rule never judges history again. Order of judgement: command keys first (a retry is a retry, whatever changed
// since), then the rest.
Verdict judge(const Judged& judged, const Before& before);

// The same rules, for a certificate that is not issued yet, also where it names nothing to be first at: asked before
// signing, so that what the view already forbids costs neither a signature nor an event.
Verdict judge_before_signing(const Judged& judged, const Before& before);

// The error behind a refusal's reason, which is all that a view keeps of it: "idempotency-conflict" (422),
// "token-revoked", "author-revoked", "voucher-revoked", "key-blocked" (403), "predecessor-unknown",
// "predecessor-not-standing", "predecessor-of-another-authority", "predecessor-revoked", "predecessor-expired", "already-renewed",
// "already-used" (409), "predecessor-key-blocked" (403).
Error refusal(std::string_view reason);

}  // namespace quicklime::ca

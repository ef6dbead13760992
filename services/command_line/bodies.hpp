#pragma once
// What the command line says to the API and what it reads of the answers (docs/openapi.yaml).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace quicklime::command_line {

struct IssueBody {
  std::string csr;  // PEM
  std::string profile;
  std::string lifetime;  // "90d"; empty: the profile's
  std::string service;
  std::string node;
  std::string authority{};  // empty: the newest that may
};
std::string encode(const IssueBody& body);

struct IssuedAnswer {
  std::string serial;
  std::string certificate;  // PEM
  std::string chain;        // PEM, root left out
  std::vector<std::string> names;
  std::string profile;
  Instant not_after;
  std::string revocation_secret;
};
Result<IssuedAnswer> decode_issued(const std::string& body);

struct RenewBody {
  std::string csr;        // PEM
  std::string signature;  // base64
};
std::string encode(const RenewBody& body);
// The challenge of GET /v1/certificates/{serial}/renew.
Result<std::string> decode_renewal_challenge(const std::string& body);

struct RevokeBody {
  std::string reason;
  std::string secret{};     // the serial is in it
  std::string signature{};  // base64; neither: as administrator
  bool same_key = false;
  bool with_successors = false;
  std::vector<std::string> serials{};  // of POST /v1/revocations
};
std::string encode(const RevokeBody& body);

struct StatusAnswer {
  std::string serial;
  std::string status;
  std::string reason;
  std::string revoked_at;
};
struct RevocationAnswer {
  std::vector<StatusAnswer> revoked;              // the one that was named first
  std::vector<std::string> same_key, successors;  // serials, still live
  bool more = false;
};
// Of one certificate, or of POST /v1/revocations.
Result<RevocationAnswer> decode_revocation(const std::string& body);

struct CertificateSummary {
  std::string serial;
  std::vector<std::string> names;
  std::string status;
  bool expired = false;
  std::string reason;
  std::string revoked_at;
  std::string profile;
  std::string authority;
  std::string service;
  std::string node;
  std::string requester;
  std::string requested_for;
  std::string not_before;
  std::string not_after;
  std::string issued_at;
  std::string replaced_by;
};
struct CertificatePage {
  std::vector<CertificateSummary> certificates;
  std::string next;  // cursor; empty on the last page
  std::string position;
  double age_seconds = 0;
};
Result<CertificatePage> decode_certificates(const std::string& body);

struct CertificateDetail {
  CertificateSummary summary;
  std::string certificate;
  std::string chain;
  std::string sha256;
  std::string key_sha256;
  std::string replaces;
  std::string position;
};
Result<CertificateDetail> decode_certificate(const std::string& body);

struct AuthoritySummary {
  std::string id;
  std::string parent;  // empty: a root
  std::string subject;
  std::string certificate;  // PEM
  std::string not_after;
  std::string revoked_at;  // empty: it is not
  std::string reason;
  bool retired = false;
  std::string succeeds{};  // of a root: whose place it takes; empty: nobody's
  std::string not_before{}, sha256{}, key{}, name_constraints{};
  bool key_is_here = false;  // only where the data directory is
};
struct AuthorityBody {
  std::string id, certificate, parent, succeeds;  // empty: none
};
std::string encode(const AuthorityBody& body);
// The answers of `ca add -o json` and `ca compromise -o json`, and one of the list as it stands there.
struct MadeAuthority {
  std::string authority, parent, certificate, key_file;  // parent empty: a root, or not known yet; no certificate: a CSR was written
};
std::string encode(const MadeAuthority& made);
struct CompromisedAuthority {
  std::string authority, successor, revoked_at;
  bool crl_published;
  std::vector<std::string> leaves;
  std::size_t revoked;
};
std::string encode(const CompromisedAuthority& compromised);
std::string one_authority(const std::string& list, const std::string& id);
Result<std::vector<AuthoritySummary>> decode_authority_list(const std::string& body);

struct TokenBody {
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::string lifetime;
};
std::string encode(const TokenBody& body);

struct TokenSummary {
  std::string id;
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::string not_after;
  std::string status;
  std::string token;         // only where it was created
  std::string one_time_url;  // likewise, of one that signs in once
};
Result<TokenSummary> decode_token_answer(const std::string& body);
Result<std::vector<TokenSummary>> decode_tokens(const std::string& body);

struct PublishedCrl {
  std::string authority;
  std::string number;
  std::string next_update;
  bool complete = false;  // nothing was revoked past its number
};
Result<PublishedCrl> decode_published_crl(const std::string& body);

struct RevokedAuthority {
  std::string authority;
  std::string serial;
  std::string reason;
  std::string revoked_at;
  std::string crl_of;      // its parent
  bool already = false;    // before this request
  bool published = false;  // the parent's CRL shows it
};
Result<RevokedAuthority> decode_revoked_authority(const std::string& body);

// One event, as the list and the stream show it.
struct EventLine {
  std::string position;
  std::string time;
  std::string type;
  std::string actor;                 // "token:4f1c..."
  std::string subject;               // whom it is about; may be empty
  std::vector<std::string> details;  // "names=DNS:api.internal": what people look for first
  std::string json;                  // all of it, on one line
};
Result<EventLine> decode_event(const std::string& json);
struct EventPage {
  std::vector<EventLine> events;
  std::string next;  // cursor; empty on the last page
  std::string position;
};
Result<EventPage> decode_events(const std::string& body);

// For -o json: an answer with one more member, or several pages' members as one list.
std::string with_member(const std::string& body, const std::string& name, const std::string& value);
std::string merge_pages(const std::vector<std::string>& bodies, const std::string& member);
// The answer of `init -o json`.
struct Made {
  std::string data;
  std::string root, issuing;  // common names
  std::string root_sha256;
  std::string root_key;  // the file to take offline
};
std::string encode(const Made& made);
// The answer of `renew -o json`.
struct Renewed {
  std::string serial;
  std::string replaces;  // empty: a renewal that was interrupted has been finished
  std::string not_after;
  std::string revocation_secret;  // empty then, too
  std::string certificate_file, key_file;
};
std::string encode(const Renewed& renewed);
// The answer of `token bootstrap -o json`: {"tokens": [...]}. The text of a token stands in its file alone.
struct BootstrapToken {
  std::string role, file, id, not_after;
  std::vector<std::string> revoked{};  // ids of older ones
};
std::string encode(const std::vector<BootstrapToken>& tokens);
// The answer of `views dump -o json`: {"views": [...]}.
struct ViewDump {
  std::string view;
  unsigned version;
  std::string dump;  // its lines
};
std::string encode(const std::vector<ViewDump>& dumps);
// The answer of `ca rotate-revocation-key -o json`.
struct RotatedRevocationKey {
  std::string id, file;
  std::string previous, previous_file;  // empty: there was none, or it is given up
};
std::string encode(const RotatedRevocationKey& rotated);
// {"version": ...} of GET /v1/version, and the other way.
Result<std::string> decode_version(const std::string& body);
std::string encode_version(const std::string& version);
// What `verify -o json` says of a certificate that holds.
std::string encode_verified(const std::string& serial, const std::string& not_after);

}  // namespace quicklime::command_line

#include "examples.hpp"

#include "events/codec.hpp"

namespace quicklime::events::test {
namespace {

const std::string kHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const Instant kTime = *Instant::parse("2026-11-21T01:02:03.456Z");
const Instant kSecond = *Instant::parse("2026-11-21T01:01:03Z");
const SerialNumber kSerial = *SerialNumber::from_hex("39dd0a5e6f708192a3b4c5d6e7f80912");
const SerialNumber kOther = *SerialNumber::from_hex("0a1b2c3d4e5f60718293a4b5c6d7e8f9");
const AuthorityId kIssuing("issuing-1");
const std::string kDer("\x30\x03\x02\x01\x2a", 5);  // any bytes: the codec does not look inside

Event event(Data data, std::string subject = {}) {
  return {.id = EventId("019a8e2b-7c40-7abc-8def-0123456789ab"),
          .time = kTime,
          .writer = {"6f1c9d2e", 7},
          .actor = {events::Actor::Kind::control, "root"},
          .request = RequestId("b7c1d2e3f4"),
          .once = {},
          .body = {},
          .subject = std::move(subject),
          .data = std::move(data),
          .rules = 1};
}

CertificateIssued issued() {
  return {.authority = kIssuing,
          .serial = kSerial,
          .certificate = kDer,
          .profile = "tls-server",
          .profile_sha256 = kHash,
          .names = {"DNS:api.internal", "IP:10.0.0.7", "URI:spiffe://td/a"},
          .not_before = kSecond,
          .not_after = kSecond + std::chrono::hours(24),
          .key_sha256 = kHash,
          .service = "api",
          .node = "node-7 \xc3\xbc",
          .renewal_challenge = "3q2-7w",
          .revocation_key = "01234567",
          .replaces = kOther,
          .proof = "client-certificate",
          .vouched_by = "gateway",
          .voucher = kOther,
          .allowed_by = TokenId("0123456789abcdef"),
          .allowed_by_user = UserId("local:alice"),
          .allowed_by_session = SessionId("fedcba9876543210")};
}

}  // namespace

std::vector<Example> examples() {
  std::vector<Example> list;
  const auto add = [&](Event e, const std::string& variant = {}) {
    const std::string json = encode(e);  // {"schema":"type/version",...
    std::string name = json.substr(11, json.find('"', 11) - 11);
    name[name.find('/')] = '-';
    list.push_back({name + variant, std::move(e)});
  };
  add(event(LogCreated{LogId("0b54b5a6-95c6-4b8e-9f5e-1c2d3e4f5a6b")}));
  add(event(LogSealed{}));
  add(event(LogOpened{"log.sealed at 0.41 of 0b54b5a6-95c6-4b8e-9f5e-1c2d3e4f5a6b"}));
  add(event(LogRestored{1}));
  add(event(AuthorityAdded{kIssuing, AuthorityId("root-1"), kDer}, "issuing-1"));
  add(event(AuthorityAdded{AuthorityId("root-1"), std::nullopt, kDer}, "root-1"), "-root");
  add(event(AuthorityRetired{kIssuing}, "issuing-1"));
  Event defined = event(ProfileDefined{"tls-server", kHash, "key_usages = [\"digitalSignature\"]\n"}, "tls-server");
  defined.once = {"profile:" + kHash};
  defined.body = kHash;
  add(defined);
  Event renewal = event(issued(), kSerial.hex());
  renewal.actor = {events::Actor::Kind::token, "0123456789abcdef"};
  renewal.once = {"command:" + kHash, "replaces:" + kOther.hex()};
  renewal.body = kHash;
  renewal.rules = 3;
  add(renewal);
  CertificateIssued plain = issued();
  plain.service.reset();
  plain.node.reset();
  plain.replaces.reset();
  plain.proof.reset();
  plain.vouched_by.reset();
  plain.voucher.reset();
  plain.allowed_by.reset();
  plain.allowed_by_user.reset();
  plain.allowed_by_session.reset();
  add(event(plain, kSerial.hex()), "-plain");
  add(event(CertificateRevoked{kSerial, kIssuing, "keyCompromise", kHash, std::nullopt}, kSerial.hex()));
  Event swept =
      event(CertificateRevoked{kSerial, kIssuing, "superseded", kHash, EventId("019a8e2b-7c3f-7abc-8def-0123456789ab")}, kSerial.hex());
  swept.actor = {events::Actor::Kind::process, "sweep"};
  add(swept, "-swept");
  add(event(CertificateHeld{kSerial, kIssuing}, kSerial.hex()));
  add(event(CertificateReleased{kSerial, kIssuing}, kSerial.hex()));
  Event judged = event(CertificatesExpired{kSecond}, "");
  judged.rules = 2;
  add(judged);
  judged.data = CertificatesExpired{kSecond, kSecond - std::chrono::hours(24 * 730)};
  add(judged, "-inventory");
  add(event(KeyBlocked{kHash}));
  add(event(RequestDenied{"POST /v1/certificates", "name-not-granted", "DNS:\"x\".\n", 12}));
  add(event(CrlPublished{.scope = "issuing-1",
                         .previous = "41",
                         .number = "18446744073709551658",
                         .entries_sha256 = kHash,
                         .before = kDer,
                         .after = kDer,
                         .this_update = kSecond,
                         .next_update = kSecond + std::chrono::hours(24)},
            "issuing-1"));
  Event published = list.back().event;
  std::get<CrlPublished>(published.data).signed_at = kSecond + std::chrono::minutes(1);
  published.rules = 2;
  add(published, "-rules-2");
  add(event(TokenCreated{.token = TokenId("0123456789abcdef"),
                         .name = "ci",
                         .secret_sha256 = kHash,
                         .role = "requester",
                         .profiles = {"tls-server"},
                         .names = {"*.load.internal", "10.0.0.0/8"},
                         .not_after = kTime,
                         .owner = UserId("local:alice"),
                         .single_use = true,
                         .owner_version = 41},
            "0123456789abcdef"));
  add(event(TokenRevoked{TokenId("0123456789abcdef")}, "0123456789abcdef"));
  const UserId alice("local:alice");
  const SessionId session("fedcba9876543210");
  Event by_alice = event(UserCreated{UserId("local:bob"), "Bob", "requester", {"tls-server"}, {"*.shop.internal"}}, "local:bob");
  by_alice.actor = {events::Actor::Kind::user, alice.text(), session.text()};
  add(by_alice);
  add(event(UserChanged{alice, "Alice", "administrator", {}, {}}, "local:alice"));
  add(event(UserDisabled{UserId("acme:carol")}, "acme:carol"));
  add(event(UserEnabled{UserId("acme:carol")}, "acme:carol"));
  add(event(UserPasswordSet{alice, "0123456789abcdef", kDer}, "local:alice"));
  add(event(RuleSet{RuleId("admins"), "acme", {"groups=pki-admins"}, "administrator", {}, {}}, "admins"));
  add(event(RuleRemoved{RuleId("admins"), "acme"}, "admins"));
  add(event(SessionCreated{.session = session,
                           .secret_sha256 = kHash,
                           .user = UserId("acme:carol"),
                           .name = "Carol",
                           .method = "directory",
                           .provider = "acme",
                           .role = "requester",
                           .profiles = {"tls-server"},
                           .names = {"*.shop.internal"},
                           .user_version = 0,
                           .provider_version = 41,
                           .not_after = kTime,
                           .ends = kTime,
                           .failures = 2,
                           .banner_sha256 = kHash},
            "acme:carol"));
  add(event(SessionExtended{session, kTime}, "acme:carol"));
  add(event(SessionEnded{session, "signed-out"}, "acme:carol"));
  return list;
}

}  // namespace quicklime::events::test

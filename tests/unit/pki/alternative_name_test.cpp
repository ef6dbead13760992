#include <gtest/gtest.h>

#include "pki/der.hpp"
#include "pki/name.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;

std::string made(NameKind kind, std::string_view value) {
  const auto name = AlternativeName::make(kind, value);
  return name ? name->value : "refused: " + name.error().reason;
}
constexpr const char* kRefused = "refused: name-malformed";

TEST(AlternativeName, DnsNamesAreHostNames) {
  const std::string label63(63, 'a');
  for (const std::string& name : {"api.internal"s, "localhost"s, "a-b.c"s, "1.a"s, "3com.example"s, "xn--bcher-kva.example"s,
                                  label63 + ".x", "*.load.internal"s, "*.internal"s}) {
    EXPECT_EQ(made(NameKind::dns, name), name);
  }
  EXPECT_EQ(made(NameKind::dns, "API.Internal"), "api.internal");
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + std::string(61, 'a');
  EXPECT_EQ(made(NameKind::dns, longest), longest);
  for (const std::string& name : {""s,
                                  "."s,
                                  "api.internal."s,
                                  ".internal"s,
                                  "api..internal"s,
                                  "-api.internal"s,
                                  "api-.internal"s,
                                  "api_1.internal"s,
                                  "api internal"s,
                                  "a/b"s,
                                  "größe.internal"s,
                                  "api.internal\0.evil"s,
                                  "api.internal\n"s,
                                  "*"s,
                                  "*."s,
                                  "a*.internal"s,
                                  "*a.internal"s,
                                  "api.*.internal"s,
                                  "*.*.internal"s,
                                  "**.internal"s,
                                  std::string(64, 'a') + ".x",
                                  longest + "a",
                                  "*." + longest,
                                  "10.0.0.7"s,
                                  "api.123"s,
                                  "api:80"s,
                                  "a@b"s,
                                  std::string(100'000, 'a')}) {
    EXPECT_EQ(made(NameKind::dns, name), kRefused) << name.substr(0, 80);
  }
}

TEST(AlternativeName, AddressesHaveOneText) {
  EXPECT_EQ(made(NameKind::ip, "10.0.0.7"), "10.0.0.7");
  EXPECT_EQ(made(NameKind::ip, "FD00:0:0:0::7"), "fd00::7");
  EXPECT_EQ(made(NameKind::ip, "2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(made(NameKind::ip, "2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1") << "RFC 5952 section 4.2.2";
  EXPECT_EQ(made(NameKind::ip, "::ffff:10.0.0.7"), "::ffff:10.0.0.7");
  for (const std::string& text : {""s, "10.0.0"s, "10.0.0.256"s, "010.0.0.7"s, "10.0.0.7/8"s, "0x0a.0.0.7"s, "10.0.0.7 "s, "10.0.0.7\0x"s,
                                  "fe80::1%eth0"s, "[::1]"s, ":::"s, "1::2::3"s, "api.internal"s}) {
    EXPECT_EQ(made(NameKind::ip, text), kRefused) << text;
  }
}

TEST(AlternativeName, EmailIsADotAtomAtAHost) {
  EXPECT_EQ(made(NameKind::email, "Ops+tag@Example.COM"), "Ops+tag@example.com");
  for (const std::string& text : {""s, "ops"s, "@example.com"s, "ops@"s, "a@b@c"s, ".ops@example.com"s, "ops.@example.com"s,
                                  "o..s@example.com"s, "o s@example.com"s, "\"o\"@example.com"s, "ops@exa_mple.com"s, "ops@*.example.com"s,
                                  "ops@10.0.0.7"s, "o\0s@example.com"s, std::string(65, 'a') + "@example.com"}) {
    EXPECT_EQ(made(NameKind::email, text), kRefused) << text;
  }
}

TEST(AlternativeName, UrisAreAbsolute) {
  for (const char* text : {"spiffe://trust_domain.example/ns/a/sa/b", "https://api.internal:8443/x?y=%20", "https://[fd00::7]:80/",
                           "urn:uuid:f81d4fae-7dec-11d0", "spiffe://td"}) {
    EXPECT_EQ(made(NameKind::uri, text), text);
  }
  EXPECT_EQ(made(NameKind::uri, "SPIFFE://TD.Example/Path"), "spiffe://td.example/Path");
  for (const std::string& text : {""s,
                                  "api.internal"s,
                                  "/path"s,
                                  "//host/path"s,
                                  "://host"s,
                                  "1a://host"s,
                                  "https:path"s,
                                  "https:/path"s,
                                  "https://"s,
                                  "https:///path"s,
                                  "https://user@host/"s,
                                  "https://ho st/"s,
                                  "https://host/%zz"s,
                                  "https://host/%2"s,
                                  "https://host/#part"s,
                                  "https://host:80x/"s,
                                  "https://host:123456/"s,
                                  "https://[fd00::7/"s,
                                  "https://[10.0.0.7]/"s,
                                  "https://[::1]x/"s,
                                  "urn:"s,
                                  "urn:x"s,
                                  "urn:x:"s,
                                  "urn::y"s,
                                  "https://h/\0"s,
                                  "https://h/\xC3\xA9"s,
                                  "https://h/" + std::string(2048, 'a')}) {
    EXPECT_EQ(made(NameKind::uri, text), kRefused) << text.substr(0, 80);
  }
}

TEST(AlternativeName, GuessesWhatPeopleType) {
  EXPECT_EQ(AlternativeName::guess("api.internal")->text(), "DNS:api.internal");
  EXPECT_EQ(AlternativeName::guess("*.internal")->text(), "DNS:*.internal");
  EXPECT_EQ(AlternativeName::guess("10.0.0.7")->text(), "IP:10.0.0.7");
  EXPECT_EQ(AlternativeName::guess("fd00::7")->text(), "IP:fd00::7");
  EXPECT_EQ(AlternativeName::guess("ops@example.com")->text(), "email:ops@example.com");
  EXPECT_EQ(AlternativeName::guess("spiffe://td/a")->text(), "URI:spiffe://td/a");
  EXPECT_EQ(AlternativeName::guess("urn:uuid:1")->text(), "URI:urn:uuid:1");
  const auto mistyped = AlternativeName::guess("10.0.0.256");
  ASSERT_FALSE(mistyped.has_value());
  EXPECT_NE(mistyped.error().detail.find("IP name"), std::string::npos) << "a mistyped address is not taken for a DNS name";
}

TEST(AlternativeName, MessagesAreHarmlessAndShort) {
  const auto refused = AlternativeName::make(NameKind::dns, "\x1B[31m" + std::string(10'000, 'a') + "\n");
  ASSERT_FALSE(refused.has_value());
  EXPECT_LT(refused.error().detail.size(), 300U);
  EXPECT_EQ(refused.error().detail.find('\x1B'), std::string::npos);
  EXPECT_EQ(refused.error().field, "subjectAltName");
}

TEST(AlternativeNames, OpensslReadsWhatWeWrite) {
  const std::vector<AlternativeName> names{{NameKind::dns, "*.api.internal"},
                                           {NameKind::ip, "10.0.0.7"},
                                           {NameKind::ip, "fd00::7"},
                                           {NameKind::email, "ops@example.com"},
                                           {NameKind::uri, "spiffe://td/a"}};
  const std::string encoded = encode_alternative_names(names);
  EXPECT_EQ(decode_alternative_names(encoded), names);
  const auto* at = reinterpret_cast<const unsigned char*>(encoded.data());
  const test::Owned<GENERAL_NAMES_free, GENERAL_NAMES> read(d2i_GENERAL_NAMES(nullptr, &at, static_cast<long>(encoded.size())));
  ASSERT_TRUE(read);
  ASSERT_EQ(sk_GENERAL_NAME_num(read.get()), 5);
  unsigned char* again = nullptr;
  const int size = i2d_GENERAL_NAMES(read.get(), &again);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(again), static_cast<std::size_t>(size)), encoded);
  OPENSSL_free(again);
}

TEST(AlternativeNames, RefusesWhatIsNotWellFormed) {
  const auto reason = [](std::string_view content) {
    const auto names = decode_alternative_names(der(Tag::sequence, content));
    return names ? "accepted" : names.error().reason;
  };
  const std::string good = der(context(2), "api.internal");
  EXPECT_EQ(reason(good), "accepted");
  const std::pair<const char*, std::string> cases[] = {
      {"empty", ""},
      {"NUL in a DNS name", der(context(2), "api.internal\0.evil"s)},
      {"an empty DNS name", der(context(2), "")},
      {"an address of 5 octets", der(context(7), "\x0A\0\0\7\1"s)},
      {"an address with a mask", der(context(7), "\x0A\0\0\0\xFF\0\0\0"s)},
      {"otherName",
       der(context_constructed(0), der(Tag::object_identifier, "\x2A\x03") + der(context_constructed(0), der(Tag::utf8_string, "x")))},
      {"directoryName", der(context_constructed(4), Name::common_name("x").der())},
      {"registeredID", der(context(8), "\x2A\x03")},
      {"a constructed dNSName", der(context_constructed(2), "api.internal")},
      {"rubbish behind it", good + "\x82"},
  };
  for (const auto& [what, content] : cases) EXPECT_EQ(reason(content), "name-malformed") << what;
  EXPECT_FALSE(decode_alternative_names(der(Tag::sequence, good) + "\0"s).has_value());
  EXPECT_FALSE(decode_alternative_names("").has_value());
}

TEST(AlternativeNames, TheSameNameAgainIsOneName) {
  const std::string good = der(context(2), "api.internal");
  for (const std::string& again : {good, der(context(2), "API.internal")}) {
    const auto names = decode_alternative_names(der(Tag::sequence, good + again));
    ASSERT_TRUE(names.has_value()) << names.error().detail;
    EXPECT_EQ(*names, (std::vector<AlternativeName>{{NameKind::dns, "api.internal"}}));
  }
}

TEST(AlternativeNames, HaveALimit) {
  std::vector<AlternativeName> many;
  for (int i = 0; i < 10'000; ++i) many.push_back({NameKind::dns, "n" + std::to_string(i) + ".internal"});
  const std::string encoded = encode_alternative_names(many);
  EXPECT_EQ(decode_alternative_names(encoded).error().reason, "too-many-names");
  EXPECT_EQ(decode_alternative_names(encoded, 10'000)->size(), 10'000U);
  EXPECT_EQ(decode_alternative_names(encoded, 9'999).error().reason, "too-many-names");
}

TEST(AlternativeNames, OtherKindsAreSkippedWhereOneReadsWhatOthersIssued) {
  const std::string mixed = der(Tag::sequence, der(context_constructed(4), Name::common_name("x").der()) + der(context(2), "api.internal"));
  const auto names = decode_alternative_names(mixed, 100, OtherKinds::skip);
  ASSERT_TRUE(names.has_value());
  EXPECT_EQ(*names, (std::vector<AlternativeName>{{NameKind::dns, "api.internal"}}));
}

TEST(AlternativeName, OfOurOwnSchemeThereAreRolesInOneForm) {
  EXPECT_EQ(AlternativeName::make(NameKind::uri, "QUICKLIME:role/dashboard-api")->value, "quicklime:role/dashboard-api");
  for (const char* wrong : {"quicklime:role/", "quicklime:role/Gateway", "quicklime:role/a/b", "quicklime:role/a?b", "quicklime:role/%61",
                            "quicklime://role/gateway", "quicklime:Role/gateway", "quicklime:gateway", "quicklime:role/a..b"}) {
    EXPECT_FALSE(AlternativeName::make(NameKind::uri, wrong)) << wrong;
  }
}

// Hosts may be called as schemes are.
TEST(AlternativeNames, ASchemeIsOneBeforeAColon) {
  for (const char* host : {"upn", "kerberos", "urn", "quicklime"})
    EXPECT_EQ(AlternativeName::guess(host)->text(), std::string("DNS:") + host);
}

}  // namespace
}  // namespace quicklime::pki

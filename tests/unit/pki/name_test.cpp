#include "pki/name.hpp"

#include <gtest/gtest.h>

#include "pki/der.hpp"
#include "pki/name_attributes.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;

std::string attribute(std::string_view identifier, Tag tag, std::string_view value) {
  return der(Tag::sequence, der(Tag::object_identifier, identifier) + der(tag, value));
}
std::string one_name(Tag tag, std::string_view value) { return der(Tag::sequence, der(Tag::set, attribute("\x55\x04\x03", tag, value))); }

// X509_NAME_print_ex by RFC 2253, without escaping of UTF-8.
std::string printed_by_openssl(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const test::Owned<X509_NAME_free, X509_NAME> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  const test::Owned<BIO_free, BIO> bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name.get(), 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

TEST(Name, IsReadByOpensslAsWeWroteIt) {
  for (const char* common_name :
       {"api.internal", "Größe", "comma, inside", "plus+sign", "#hash", " space ", "quote\"", "back\\slash", "a;b<c>d"}) {
    const Name name = Name::organization_and_common_name("Acme Corp", common_name);
    EXPECT_EQ(name.text(), printed_by_openssl(name.der()));
    EXPECT_EQ(name.common_name(), common_name);
    EXPECT_EQ(Name::from_der(name.der())->der(), name.der());
  }
  EXPECT_EQ(Name::organization_and_common_name("Acme", "api.internal").text(), "CN=api.internal,O=Acme");
}

TEST(Name, EmptyIsEmpty) {
  EXPECT_TRUE(Name::empty().is_empty());
  EXPECT_EQ(Name::empty().text(), "");
  EXPECT_EQ(Name::empty().common_name(), "");
  EXPECT_FALSE(Name::common_name("x").is_empty());
  EXPECT_TRUE(Name::from_der("\x30\x00"s)->is_empty());
}

std::vector<std::string> types_of(const Name& name) {
  std::vector<std::string> types;
  for (const auto& attribute : attributes_of(name)) types.push_back(attribute.name);
  return types;
}

TEST(Name, SaysWhatStandsInIt) {
  EXPECT_EQ(types_of(Name::organization_and_common_name("Acme", "x")), (std::vector<std::string>{"O", "CN"}));
  const std::string der_bytes = der(Tag::sequence, der(Tag::set, attribute("\x55\x04\x06", Tag::printable_string, "DE")) +
                                                       der(Tag::set, attribute("\x55\x04\x2A", Tag::utf8_string, "Ada")) +
                                                       der(Tag::set, attribute("\x55\x04\x03", Tag::utf8_string, "x")));
  const auto name = Name::from_der(der_bytes);
  EXPECT_EQ(types_of(*name), (std::vector<std::string>{"C", "GN", "CN"}));
  EXPECT_EQ(attributes_of(*name).at(1).value, "Ada");
  EXPECT_EQ(name->text(), "CN=x,GN=Ada,C=DE");
}

TEST(Name, IsMadeOfAttributesAndTakenApart) {
  const std::vector<NameAttribute> attributes{{"C", "DE"}, {"O", "Größe"}, {"OU", "one"}, {"OU", "two"}, {"CN", "x"}};
  const auto name = name_of(attributes);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->text(), printed_by_openssl(name->der()));
  EXPECT_EQ(attributes_of(*name), attributes);
  EXPECT_TRUE(name_of({})->is_empty());
  for (const NameAttribute& wrong : std::vector<NameAttribute>{{"CC", "x"}, {"O", ""}, {"O", "a\nb"}, {"C", "Ö"}, {"CN", "\xff"}}) {
    EXPECT_EQ(name_of({wrong}).error().reason, "name-malformed") << wrong.name << "=" << wrong.value;
  }
}

TEST(Name, TheLastCommonNameCounts) {
  const std::string two = der(Tag::sequence, der(Tag::set, attribute("\x55\x04\x03", Tag::utf8_string, "first")) +
                                                 der(Tag::set, attribute("\x55\x04\x03", Tag::utf8_string, "last")));
  EXPECT_EQ(Name::from_der(two)->common_name(), "last");
}

TEST(Name, ReadsTheKindsOfStringsThatAreAboutAsUtf8) {
  EXPECT_EQ(Name::from_der(one_name(Tag::printable_string, "plain"))->common_name(), "plain");
  EXPECT_EQ(Name::from_der(one_name(Tag::teletex_string, "Gr\xF6\xDF"s + "e"))->common_name(), "Größe");
  EXPECT_EQ(Name::from_der(one_name(Tag::bmp_string, "\0G\0r\0\xF6"s))->common_name(), "Grö");
  EXPECT_EQ(Name::from_der(one_name(Tag::ia5_string, "a@b"))->common_name(), "a@b");
}

TEST(Name, RefusesWhatIsNotWellFormed) {
  const std::string a = attribute("\x55\x04\x03", Tag::utf8_string, "a"), b = attribute("\x55\x04\x03", Tag::utf8_string, "b");
  const std::pair<const char*, std::string> cases[] = {
      {"nothing", ""},
      {"no sequence", der(Tag::set, "")},
      {"bytes behind it", Name::common_name("x").der() + "\0"s},
      {"NUL", one_name(Tag::utf8_string, "good.internal\0.evil"s)},
      {"NUL in an IA5String", one_name(Tag::ia5_string, "good\0evil"s)},
      {"NUL in a BMPString", one_name(Tag::bmp_string, "\0g\0\0\0e"s)},
      {"line feed", one_name(Tag::utf8_string, "a\nb")},
      {"delete", one_name(Tag::utf8_string, "a\x7F")},
      {"C1 control", one_name(Tag::utf8_string, "a\xC2\x9B")},
      {"right-to-left override", one_name(Tag::utf8_string, "a\xE2\x80\xAE")},
      {"not UTF-8", one_name(Tag::utf8_string, "\xFF\xFE")},
      {"overlong UTF-8", one_name(Tag::utf8_string, "\xC0\xAF")},
      {"overlong three octets", one_name(Tag::utf8_string, "\xE0\x80\xAF")},
      {"surrogate", one_name(Tag::utf8_string, "\xED\xA0\x80")},
      {"surrogate in a BMPString", one_name(Tag::bmp_string, "\xD8\x00"s)},
      {"past Unicode", one_name(Tag::utf8_string, "\xF4\x90\x80\x80")},
      {"UTF-8 cut off", one_name(Tag::utf8_string, "a\xC3")},
      {"empty value", one_name(Tag::utf8_string, "")},
      {"not printable", one_name(Tag::printable_string, "a!b")},
      {"not ASCII", one_name(Tag::ia5_string, "\xE9")},
      {"odd BMPString", one_name(Tag::bmp_string, "\0ab"s)},
      {"an integer as value", one_name(Tag::integer, "\x01")},
      {"an empty RDN", der(Tag::sequence, der(Tag::set, ""))},
      {"an unsorted RDN", der(Tag::sequence, der(Tag::set, b + a))},
      {"an RDN with the same twice", der(Tag::sequence, der(Tag::set, a + a))},
      {"an OID cut off", der(Tag::sequence, der(Tag::set, attribute("\x55\x84", Tag::utf8_string, "a")))},
  };
  for (const auto& [what, bytes] : cases) {
    const auto name = Name::from_der(bytes);
    ASSERT_FALSE(name.has_value()) << what;
    EXPECT_EQ(name.error().reason, "name-malformed") << what;
  }
  EXPECT_TRUE(Name::from_der(der(Tag::sequence, der(Tag::set, a + b))).has_value()) << "a sorted RDN of two";
}

}  // namespace
}  // namespace quicklime::pki

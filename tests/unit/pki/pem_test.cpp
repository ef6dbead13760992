#include "pki/pem.hpp"

#include <gtest/gtest.h>

#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;

TEST(Pem, RoundTrips) {
  for (const std::size_t size : {1U, 47U, 48U, 49U, 1000U}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i);
    const auto blocks = pem_decode(pem_encode("CERTIFICATE", bytes));
    ASSERT_TRUE(blocks.has_value());
    ASSERT_EQ(blocks->size(), 1U);
    EXPECT_EQ(blocks->front().label, "CERTIFICATE");
    EXPECT_EQ(blocks->front().der, bytes);
  }
  EXPECT_EQ(pem_encode("X", std::string(49, '\0')), "-----BEGIN X-----\n" + std::string(64, 'A') + "\nAA==\n-----END X-----\n");
}

TEST(Pem, OpensslAgrees) {
  const test::Workshop shop;
  shop.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=x -out cert.pem");
  shop.openssl("x509 -in cert.pem -outform DER -out cert.der");
  EXPECT_EQ(pem_or_der(shop.read("cert.pem"), "CERTIFICATE"), shop.read("cert.der"));
  EXPECT_EQ(pem_or_der(shop.read("cert.der"), "CERTIFICATE"), shop.read("cert.der"));
  EXPECT_EQ(pem_encode("CERTIFICATE", shop.read("cert.der")), shop.read("cert.pem"));
  shop.openssl("x509 -in cert.pem -text -out text.pem");
  EXPECT_EQ(pem_or_der(shop.read("text.pem"), "CERTIFICATE"), shop.read("cert.der")) << "text around the block";
}

TEST(Pem, ReadsEveryBlockInOrderAndTextBetween) {
  const auto blocks = pem_decode("0 s:CN = x\n" + pem_encode("A", "1") + "\nwords -----BEGIN in a line\r\n" + pem_encode("B", "2"));
  ASSERT_TRUE(blocks.has_value());
  ASSERT_EQ(blocks->size(), 2U);
  EXPECT_EQ((*blocks)[0].label + (*blocks)[0].der + (*blocks)[1].label + (*blocks)[1].der, "A1B2");
  EXPECT_TRUE(pem_decode("").value().empty());
  EXPECT_TRUE(pem_decode("only words").value().empty());
}

TEST(Pem, LineEndsAndWidthsOfOthers) {
  for (const char* text : {"-----BEGIN X-----\r\nAAAA\r\n-----END X-----\r\n", "-----BEGIN X-----\nAA\nAA\n-----END X-----",
                           "-----BEGIN X-----\n AAAA \n-----END X-----"}) {
    EXPECT_EQ(pem_decode(text).value().at(0).der, std::string(3, '\0')) << text;
  }
}

TEST(Pem, RefusesWhatIsBegunAndNotWellFormed) {
  for (const char* text :
       {"-----BEGIN X-----\n", "-----BEGIN X", "-----BEGIN X\n-----\nAAAA\n-----END X-----", "-----BEGIN X-----\nAAAA\n-----END Y-----\n",
        "-----BEGIN X-----\n-----END X-----\n", "-----BEGIN X-----\nAAA\n-----END X-----\n", "-----BEGIN X-----\nA*AA\n-----END X-----\n",
        "-----BEGIN X-----\n-_AA\n-----END X-----\n", "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END X-----\n",
        "-----BEGIN X-----\nAAAA-----END X\n", "# -----BEGIN X-----\nAAAA\n-----END X-----\n",
        "-----BEGIN X-----\nAA==AAAA\n-----END X-----\n"}) {
    const auto blocks = pem_decode(text);
    ASSERT_FALSE(blocks.has_value()) << text;
    EXPECT_EQ(blocks.error().reason, "pem-malformed");
  }
}

TEST(Pem, OneBlockOfTheLabelOrItsTwin) {
  const std::string request = pem_encode("CERTIFICATE REQUEST", "r");
  EXPECT_EQ(pem_or_der(request, "CERTIFICATE REQUEST"), "r");
  EXPECT_EQ(pem_or_der(pem_encode("NEW CERTIFICATE REQUEST", "r"), "CERTIFICATE REQUEST"), "r");
  EXPECT_EQ(pem_or_der(pem_encode("EC PARAMETERS", "p") + request, "CERTIFICATE REQUEST"), "r");
  EXPECT_EQ(pem_or_der(request + request, "CERTIFICATE REQUEST").error().reason, "pem-malformed");
  EXPECT_EQ(pem_or_der(pem_encode("CERTIFICATE", "c"), "CERTIFICATE REQUEST").error().reason, "pem-malformed");
  EXPECT_EQ(pem_or_der("", "CERTIFICATE").error().reason, "pem-malformed");
}

// What editors, curl -d, environment variables and copying make of it.
TEST(Pem, WhatOtherToolsMakeOfLines) {
  const std::string one = "-----BEGIN X-----\nAAAA\n-----END X-----\n", two = "-----BEGIN Y-----\nAAAA\n-----END Y-----\n";
  const std::string mark = "\xEF\xBB\xBF";
  const auto labels = [](const std::string& text) {
    const auto blocks = pem_decode(text);
    std::string all;
    if (!blocks) return blocks.error().detail;
    for (const auto& block : *blocks) all += block.label;
    return all;
  };
  const auto without_newlines = [](std::string text, const std::string& instead) {
    for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) text.replace(at, 1, instead);
    return text;
  };
  EXPECT_EQ(labels(mark + one + two), "XY") << "a byte order mark never hides the first";
  EXPECT_EQ(labels(one + mark + two), "XY") << "nor the second, where two files were joined";
  EXPECT_EQ(labels("  \t" + one + "    " + two), "XY") << "indented";
  for (const char* instead : {"", " ", "\\n", "\\r\\n"}) EXPECT_EQ(labels(without_newlines(one + two, instead)), "XY") << instead;
  EXPECT_NE(labels(std::string("\xFF\xFE-\0-\0", 6)).find("UTF-16"), std::string::npos);
  EXPECT_NE(labels(std::string("\0-\0-\0-\0-", 8)).find("UTF-16"), std::string::npos);
  EXPECT_NE(labels(one + "# " + two).find("begins a line"), std::string::npos) << "and none is read past in silence";
}

TEST(Pem, BareBase64IsTakenWhereOneIsWanted) {
  const std::string der = "\x30\x03\x02\x01\x05";
  EXPECT_EQ(pem_or_der("MAMC\nAQU=\n", "CERTIFICATE"), der);
  EXPECT_FALSE(pem_or_der("AAAA", "CERTIFICATE").has_value()) << "base64 of something else";
  EXPECT_FALSE(pem_or_der("words", "CERTIFICATE").has_value());
}

TEST(Pem, APrivateKeyIsSeenInWhateverForm) {
  for (const char* label : {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"}) {
    EXPECT_TRUE(holds_private_key(R"({"csr":")" + pem_encode(label, "k"))) << label;
  }
  EXPECT_FALSE(holds_private_key(pem_encode("PUBLIC KEY", "k")));
}

TEST(Pem, LargeInputs) {
  std::string begun, blocks;
  for (int i = 0; i < 20'000; ++i) {
    begun += "-----BEGIN ";
    blocks += pem_encode("X", "1");
  }
  EXPECT_FALSE(pem_decode(begun).has_value());
  EXPECT_EQ(pem_decode(blocks).value().size(), 20'000U);
}

}  // namespace
}  // namespace quicklime::pki

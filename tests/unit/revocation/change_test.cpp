// The rules by themselves: every order against every status.

#include "revocation/change.hpp"

#include <gtest/gtest.h>

namespace quicklime::revocation {
namespace {

using Act = Order::Act;
using Kind = ca::Status::Kind;
using Reason = pki::RevocationReason;

const Instant kBefore = Instant::from_seconds(1'000);
const Instant kNow = Instant::from_seconds(2'000);
const SerialNumber kSerial = *SerialNumber::from_hex("0a1b");

Record record_with(ca::Status status) {
  return {AuthorityId("issuing-1"), "key", Instant::from_seconds(9'000), status, 42, "0a", {"0c", "0d"}};
}
const ca::Status kGood{};
const ca::Status kHeld{Kind::held, Reason::certificate_hold, kBefore};
const ca::Status kRevoked{Kind::revoked, Reason::superseded, kBefore};

TEST(Change, revokes_a_good_and_a_held_certificate_as_of_now) {
  for (const auto& before : {kGood, kHeld}) {
    const auto change = decide(kSerial, record_with(before), {Act::revoke, Reason::key_compromise}, kNow);
    ASSERT_TRUE(change);
    ASSERT_TRUE(change->event);
    const auto& event = std::get<events::CertificateRevoked>(*change->event);
    EXPECT_EQ(event.serial, kSerial);
    EXPECT_EQ(event.reason, "keyCompromise");
    EXPECT_EQ(event.key_sha256, "key");  // every view can block the key
    EXPECT_EQ(change->status, (ca::Status{Kind::revoked, Reason::key_compromise, kNow}));
  }
}

TEST(Change, a_revoked_certificate_changes_its_reason_to_key_compromise_alone_and_keeps_its_date) {
  const auto other = decide(kSerial, record_with(kRevoked), {Act::revoke, Reason::cessation_of_operation}, kNow);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->event);
  EXPECT_EQ(other->status, kRevoked);
  const auto compromise = decide(kSerial, record_with(kRevoked), {Act::revoke, Reason::key_compromise}, kNow);
  ASSERT_TRUE(compromise);
  EXPECT_TRUE(compromise->event);
  EXPECT_EQ(compromise->status, (ca::Status{Kind::revoked, Reason::key_compromise, kBefore}));
}

TEST(Change, hold_and_release_undo_each_other_and_do_nothing_twice) {
  const auto held = decide(kSerial, record_with(kGood), {Act::hold}, kNow);
  ASSERT_TRUE(held && held->event);
  EXPECT_TRUE(std::holds_alternative<events::CertificateHeld>(*held->event));
  EXPECT_EQ(held->status.kind, Kind::held);
  const auto again = decide(kSerial, record_with(held->status), {Act::hold}, kNow);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->event);
  const auto released = decide(kSerial, record_with(held->status), {Act::release}, kNow);
  ASSERT_TRUE(released && released->event);
  EXPECT_TRUE(std::holds_alternative<events::CertificateReleased>(*released->event));
  EXPECT_EQ(released->status, kGood);
  const auto good = decide(kSerial, record_with(kGood), {Act::release}, kNow);
  ASSERT_TRUE(good);
  EXPECT_FALSE(good->event);
}

TEST(Change, what_is_revoked_is_neither_held_nor_released) {
  for (const Act act : {Act::hold, Act::release}) {
    const auto change = decide(kSerial, record_with(kRevoked), {act}, kNow);
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().code, ErrorCode::conflict);
    EXPECT_EQ(change.error().reason, "certificate-revoked");
  }
}

TEST(Change, the_nine_reasons_in_any_letter_case_and_certificateHold_is_a_hold) {
  const char* reasons[] = {"unspecified", "keyCompromise",        "CACOMPROMISE",       "affiliationchanged",
                           "Superseded",  "cessationOfOperation", "privilegeWithdrawn", "aaCompromise"};
  for (const auto* reason : reasons) {
    const auto order = order_for(reason);
    ASSERT_TRUE(order) << reason;
    EXPECT_EQ(order->act, Act::revoke) << reason;
  }
  ASSERT_TRUE(order_for("certificatehold"));
  EXPECT_EQ(order_for("certificatehold")->act, Act::hold);
  for (const auto* wrong : {"", "removeFromCRL", "lost it", "7"}) {
    ASSERT_FALSE(order_for(wrong)) << wrong;
    EXPECT_EQ(order_for(wrong).error().field, "/reason");
  }
}

TEST(Record, survives_its_encoding_and_refuses_rubbish) {
  for (const auto& status : {kGood, kHeld, kRevoked}) {
    const auto decoded = decode_record(encode(record_with(status)));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->authority, AuthorityId("issuing-1"));
    EXPECT_EQ(decoded->key_sha256, "key");
    EXPECT_EQ(decoded->not_after, Instant::from_seconds(9'000));
    EXPECT_EQ(decoded->status, status);
    EXPECT_EQ(decoded->offset, 42u);
    EXPECT_EQ(decoded->replaces, "0a");
    EXPECT_EQ(decoded->successors, (std::vector<std::string>{"0c", "0d"}));
  }
  const auto alone = decode_record(encode({AuthorityId("issuing-1"), "key", kNow, kGood, 7}));
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->replaces, "");
  EXPECT_TRUE(alone->successors.empty());
  for (const auto* rubbish : {"", "a\nb", "a\nb\nc\n2\n\n\ngood", "a\nb\n1\n2\n\n\nbetter", "a\nb\n1x\n2\n\n\ngood",
                              "a\nb\n1\n2x\n\n\ngood", "a\nb\n1\n2\n\ngood"})
    EXPECT_FALSE(decode_record(rubbish)) << rubbish;
}

}  // namespace
}  // namespace quicklime::revocation

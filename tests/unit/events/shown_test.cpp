// What people are shown of an event.
#include <gtest/gtest.h>

#include <set>

#include "events/codec.hpp"
#include "events/types.hpp"
#include "examples.hpp"

namespace quicklime::events {
namespace {

// The members of an event's data, as its table has them, and those that nobody is shown.
struct Members {
  std::set<std::string> all, not_shown;
};
Members members_of(const Data& data) {
  Members members;
  std::visit(
      [&]<class E>(const E&) {
        if constexpr (!std::is_same_v<E, Ignored>) {
          std::apply(
              [&](const auto&... field) {
                (members.all.insert(field.name), ...);
                ((field.form == Form::base64 || field.form == Form::not_shown ? (void)members.not_shown.insert(field.name) : void()), ...);
              },
              Type<E>::fields);
        }
      },
      data);
  return members;
}

bool has(const std::string& json, const std::string& member) { return json.find('"' + member + "\":") != std::string::npos; }

TEST(Shown, IsEverythingButDerAndHashesOfSecrets) {
  std::set<std::string> hidden;
  for (const auto& [name, event] : test::examples()) {
    const std::string shown = shown_data(event.data), whole = encode(event);
    const Members members = members_of(event.data);
    for (const auto& member : members.all) {
      const bool left_out = members.not_shown.contains(member);
      EXPECT_EQ(has(shown, member), !left_out && has(whole.substr(whole.find("\"data\":")), member))
          << name << " " << member << " " << shown;
      if (left_out) hidden.insert(member);
      // Whoever adds a member that is called so decides in the table whether it is shown.
      const bool sounds_secret = member.find("secret") != std::string::npos;
      EXPECT_TRUE(left_out || !sounds_secret) << name << " " << member;
    }
  }
  EXPECT_EQ(hidden, (std::set<std::string>{"after", "before", "certificate", "sealed", "secret_sha256"}));
}

TEST(Shown, OfWhatIsNotKnownIsNothing) { EXPECT_EQ(shown_data(Ignored{"later.thing/1-0-0"}), "{}"); }

TEST(TypeNames, AreThoseOfAllEvents) {
  const auto names = type_names();
  std::set<std::string_view> known(names.begin(), names.end());
  EXPECT_EQ(known.size(), std::variant_size_v<Data> - 1);
  for (const auto& [name, event] : test::examples()) EXPECT_TRUE(known.contains(type_name(event.data))) << name;
}

}  // namespace
}  // namespace quicklime::events

#include "runtime/profiles.hpp"

#include <algorithm>
#include <stdexcept>

#include "runtime/shipped_profiles.hpp"

namespace quicklime::runtime {
namespace {

Failure wrong(std::string key, std::string why) { return fail(ErrorCode::invalid, "setting-invalid", std::move(why), std::move(key)); }

const ca::Profile* find(const std::vector<ca::Profile>& profiles, const std::string& name) {
  const auto found = std::find_if(profiles.begin(), profiles.end(), [&](const auto& one) { return one.name == name; });
  return found == profiles.end() ? nullptr : &*found;
}

// A list that says something, in place of that of the profile it is like.
template <class Value, class Parse>
Result<void> take(const std::vector<std::string>& texts, std::vector<Value>& values, Parse parse) {
  if (texts.empty()) return {};
  values.clear();
  if (texts.size() == 1 && texts.front() == "none") return {};
  for (const std::string& text : texts) {
    auto value = parse(text);
    if (!value) return forward(value);
    values.push_back(*std::move(value));
  }
  return {};
}

Result<void> change(ca::Profile& profile, const ProfileSettings& settings, const std::string& table) {
  const auto in = [&table](const char* key, Result<void> taken) -> Result<void> {
    return taken ? Result<void>() : wrong(table + "." + key, taken.error().detail);
  };
  const auto plain = [](const std::string& text) { return Result<std::string>(text); };
  if (!settings.meaning.empty()) profile.meaning = settings.meaning;
  if (auto done = in("key_usages", take(settings.key_usages, profile.key_usages, pki::parse_key_usage)); !done) return done;
  if (auto done = in("extended_key_usages", take(settings.extended_key_usages, profile.extended_key_usages, pki::parse_extended_key_usage));
      !done) {
    return done;
  }
  if (settings.critical_extended_key_usage) profile.critical_extended_key_usage = true;
  if (auto done = in("names", take(settings.names, profile.name_kinds, pki::parse_name_kind)); !done) return done;
  if (settings.minimum_names != 0) profile.minimum_names = settings.minimum_names;
  if (settings.maximum_names != 0) profile.maximum_names = settings.maximum_names;
  if (auto done = in("uri_schemes", take(settings.uri_schemes, profile.uri_schemes, plain)); !done) return done;
  if (auto done = in("subject", take(settings.subject, profile.subject_fields, plain)); !done) return done;
  if (auto done = in("key_kinds", take(settings.key_kinds, profile.key_kinds, crypto::parse_key_kind)); !done) return done;
  if (!settings.who.empty()) {
    const auto who = ca::parse_may_ask(settings.who);
    if (!who) return wrong(table + ".who", who.error().detail);
    profile.who = *who;
  }
  profile.makes_keys = settings.make_keys;  // said by each for itself
  if (!settings.authority.empty()) profile.authority = settings.authority;
  if (settings.ca) profile.is_ca = true;
  if (settings.path_length != 0) profile.path_length = settings.path_length;
  profile.default_lifetime = settings.default_lifetime.value_or(profile.default_lifetime);
  profile.maximum_lifetime = settings.maximum_lifetime.value_or(profile.maximum_lifetime);
  if (auto checked = ca::check(profile); !checked) return wrong(table, checked.error().detail);
  return {};
}

// One that gives nothing yet.
ca::Profile blank() {
  const auto& server = ca::default_profiles().front();
  return {.name = {},
          .meaning = {},
          .key_usages = {},
          .extended_key_usages = {},
          .default_lifetime = server.default_lifetime,
          .maximum_lifetime = server.maximum_lifetime,
          .name_kinds = {}};
}

Result<ca::Profile> shipped(const std::string& name) {
  ca::Profile made = blank();
  if (auto changed = change(made, shipped_profiles().at(name), "profiles." + name); !changed) return forward(changed);
  made.name = name;
  return made;
}

Failure unknown(std::string key, const std::string& name, const std::vector<ca::Profile>& profiles, const char* more = "") {
  std::vector<std::string> known;
  for (const auto& profile : profiles) {
    if (!profile.internal()) known.push_back(profile.name);
  }
  for (const auto& [one, settings] : shipped_profiles()) {
    if (find(profiles, one) == nullptr) known.push_back(one);
  }
  return wrong(std::move(key), ca::unknown_profile(name, known, "").detail + more);
}

// What a profile of this name is made from: itself, one that comes along, the one that it is like, or nothing.
Result<ca::Profile> origin_of(const std::string& name, const ProfileSettings& settings, const std::vector<ca::Profile>& profiles) {
  const std::string table = "profiles." + name;
  if (const auto* own = find(profiles, name)) {
    if (own->internal()) return wrong(table, "it is for the certificates of the CA's own processes, and stays as it is");
    if (!settings.like.empty()) return wrong(table + ".like", "it is one that comes along, and like no other");
    return *own;
  }
  if (shipped_profiles().contains(name)) {
    if (!settings.like.empty()) return wrong(table + ".like", "it is one that comes along, and like no other");
    return shipped(name);
  }
  if (settings.like.empty()) {
    if (!settings.key_usages.empty()) return blank();
    return unknown(table, name, profiles,
                   ". A further one says which of these it is made from (like = \"tls-server\"), or what it gives (key_usages)");
  }
  if (const auto* like = find(profiles, settings.like)) {
    if (like->internal()) return wrong(table + ".like", settings.like + " is for the certificates of the CA's own processes");
    return *like;
  }
  if (shipped_profiles().contains(settings.like)) return shipped(settings.like);
  return unknown(table + ".like", settings.like, profiles);
}

}  // namespace

Result<std::vector<ca::Profile>> make_profiles(const SharedSettings& settings) {
  std::vector<ca::Profile> all = ca::default_profiles();
  for (const std::string& name : settings.shipped) {
    if (!shipped_profiles().contains(name)) return unknown("issuing.profiles", name, all);
    if (find(all, name) != nullptr) continue;
    auto made = shipped(name);
    if (!made) return forward(made);
    all.push_back(*std::move(made));
  }
  // Those that come along first: who is like one of them is like it as it is configured. Then each after the one that it is like.
  std::vector<std::pair<std::string, ProfileSettings>> left;
  for (const bool further : {false, true}) {
    for (const auto& one : settings.profiles) {
      const bool comes_along = find(ca::default_profiles(), one.first) != nullptr || shipped_profiles().contains(one.first);
      if (comes_along != further) left.push_back(one);
    }
  }
  while (!left.empty()) {
    const auto waits = [&](const auto& one) {
      return std::any_of(left.begin(), left.end(), [&](const auto& other) { return other.first == one.second.like; });
    };
    auto next = std::find_if_not(left.begin(), left.end(), waits);
    if (next == left.end())
      return wrong("profiles." + left.front().first + ".like", "it goes in a circle: each of these is like another of them");
    const auto [name, changes] = *next;
    left.erase(next);
    auto made = origin_of(name, changes, all);
    if (!made) return forward(made);
    made->name = name;
    if (auto changed = change(*made, changes, "profiles." + name); !changed) return forward(changed);
    const auto place = std::find_if(all.begin(), all.end(), [&wanted = name](const auto& one) { return one.name == wanted; });
    if (place != all.end()) {
      *place = *std::move(made);
    } else {
      all.push_back(*std::move(made));
    }
  }
  return all;
}

std::vector<ca::Profile> configured_profiles(const SharedSettings& settings) {
  auto profiles = make_profiles(settings);
  if (!profiles) throw std::logic_error("profiles that were not checked: " + profiles.error().detail);
  return *std::move(profiles);
}

std::vector<ca::Profile> known_profiles() {
  std::vector<ca::Profile> all = ca::default_profiles();
  for (const auto& [name, settings] : shipped_profiles()) all.push_back(shipped(name).value());
  return all;
}

}  // namespace quicklime::runtime

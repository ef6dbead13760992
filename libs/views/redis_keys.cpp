#include "views/redis_keys.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/encoding.hpp"
#include "crypto/random.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// FNV-1a: the same in every process and for ever, for it says where a key is.
std::uint64_t hash_of(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash ^ (hash >> 32);
}

Failure meta_damaged(const std::string& what) {
  return fail(ErrorCode::internal, "view-damaged",
              "the view in Redis has meta that no projector wrote: " + what + "; delete the view's keys");
}

}  // namespace

Layout new_layout(std::size_t buckets, const std::vector<Space>& spaces) {
  return {hex_encode(crypto::random_bytes(4)), std::max<std::size_t>(buckets, 1), spaces_text(spaces)};
}

std::string spaces_text(const std::vector<Space>& spaces) {
  std::string text;
  for (const Space& space : sorted(spaces)) {
    if (!text.empty()) text += ' ';
    text += space.name + (space.kind == SpaceKind::points ? ":p" : ":i");
  }
  return text;
}

RedisKeys::RedisKeys(std::string tag) : tag_(std::move(tag)), meta_(tag_ + ":meta"), building_(tag_ + ":building"), old_(tag_ + ":old") {}

std::string RedisKeys::tag(const std::string& prefix, const std::string& view, unsigned version) {
  return prefix + "{" + view + ":v" + std::to_string(version) + "}";
}

std::string RedisKeys::points(const Layout& layout, const std::string& space, std::string_view key) const {
  return bucket(layout, space, hash_of(key) % layout.buckets);
}
std::string RedisKeys::bucket(const Layout& layout, const std::string& space, std::size_t number) const {
  return tag_ + ":" + layout.generation + ":p:" + space + ":" + std::to_string(number);
}
std::string RedisKeys::index(const Layout& layout, const std::string& space) const {
  return tag_ + ":" + layout.generation + ":i:" + space;
}

std::vector<std::string> RedisKeys::all(const Layout& layout) const {
  std::vector<std::string> keys;
  std::istringstream spaces(layout.spaces);
  for (std::string space; spaces >> space;) {
    const std::string name = space.substr(0, space.find(':'));
    if (space.ends_with(":i")) {
      keys.push_back(index(layout, name));
    } else {
      for (std::size_t i = 0; i < layout.buckets; ++i) keys.push_back(bucket(layout, name, i));
    }
  }
  return keys;
}

Result<std::optional<RedisMeta>> parse_meta(const Reply& reply) {
  if (reply.is(Reply::Kind::error)) return redis_refused(reply.text);
  if (!reply.is(Reply::Kind::list) || reply.list.size() < kMetaFieldsOfReaders) return meta_damaged("no list");
  const auto& fields = reply.list;
  if (std::all_of(fields.begin(), fields.end(), [](const Reply& field) { return field.is(Reply::Kind::nothing); })) return std::nullopt;
  const auto buckets = parsed<std::size_t>(fields[1].text);
  const auto position = Position::parse(fields[3].text);
  const auto version = parsed<unsigned>(fields[7].text);
  const auto caught_up_at = fields[8].is(Reply::Kind::nothing) ? std::optional<std::int64_t>(0) : parsed<std::int64_t>(fields[8].text);
  if (fields[0].text.empty() || !buckets || *buckets == 0 || !position || !version || !caught_up_at)
    return meta_damaged("a field is missing");
  RedisMeta meta{Layout{fields[0].text, *buckets, fields[2].text},
                 State{eventlog::Anchor{LogId(fields[4].text), *position, {}, {}}, *version, fields.size() > 9 ? fields[9].text : ""},
                 Instant::from_milliseconds(*caught_up_at)};
  if (fields[5].text.size() != meta.state.anchor.hash.size() || fields[6].text.size() != meta.state.anchor.chain.size())
    return meta_damaged("a hash is not one");
  std::copy(fields[5].text.begin(), fields[5].text.end(), meta.state.anchor.hash.begin());
  std::copy(fields[6].text.begin(), fields[6].text.end(), meta.state.anchor.chain.begin());
  return meta;
}

Result<Instant> parse_time(const Reply& reply) {
  if (reply.is(Reply::Kind::error)) return redis_refused(reply.text);
  if (!reply.is(Reply::Kind::list) || reply.list.size() != 2) return redis_refused("no time");
  const auto seconds = parsed<std::int64_t>(reply.list[0].text);
  const auto microseconds = parsed<std::int64_t>(reply.list[1].text);
  if (!seconds || !microseconds) return redis_refused("no time");
  return Instant::from_milliseconds(*seconds * 1000 + *microseconds / 1000);
}

std::vector<std::string> meta_pairs(const Layout& layout, const State& state) {
  return {"generation", layout.generation,
          "buckets",    std::to_string(layout.buckets),
          "spaces",     layout.spaces,
          "position",   state.anchor.position.text(),
          "log_id",     state.anchor.log_id.text(),
          "hash",       std::string(crypto::view(state.anchor.hash)),
          "chain",      std::string(crypto::view(state.anchor.chain)),
          "version",    std::to_string(state.version),
          "writers",    state.writers};
}

void add_meta_question(Commands& commands, std::string_view key) {
  std::vector<std::string_view> words{"HMGET", key};
  words.insert(words.end(), kMetaFields.begin(), kMetaFields.end());
  commands.add(words);
}

}  // namespace quicklime::views

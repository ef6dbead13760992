#pragma once
// Where things are in Redis, and what the meta hash says (redis_store.hpp). Of this library only.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "views/redis_protocol.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

// Where the data of one generation stands.
struct Layout {
  std::string generation;
  std::size_t buckets;
  std::string spaces;  // as spaces_text
  bool operator==(const Layout&) const = default;
};
Layout new_layout(std::size_t buckets, const std::vector<Space>& spaces);

std::string spaces_text(const std::vector<Space>& spaces);  // "by_name:i status:p"

class RedisKeys {
 public:
  // tag: "<key_prefix>{<view>:v<version>}"
  explicit RedisKeys(std::string tag);
  static std::string tag(const std::string& prefix, const std::string& view, unsigned version);

  const std::string& meta() const { return meta_; }
  const std::string& building() const { return building_; }
  const std::string& old() const { return old_; }
  std::string points(const Layout& layout, const std::string& space, std::string_view key) const;
  std::string bucket(const Layout& layout, const std::string& space, std::size_t number) const;
  std::string index(const Layout& layout, const std::string& space) const;
  // Everything that a generation may have.
  std::vector<std::string> all(const Layout& layout) const;

 private:
  std::string tag_;
  std::string meta_;
  std::string building_;
  std::string old_;
};

// The fields of the meta hash in the order in which they are asked for.
inline constexpr std::array<std::string_view, 10> kMetaFields{"generation", "buckets", "spaces",  "position",     "log_id",
                                                              "hash",       "chain",   "version", "caught_up_at", "writers"};
inline constexpr std::size_t kMetaFieldsOfReaders = 9;  // all but writers: what read_script asks for

struct RedisMeta {
  Layout layout;
  State state;
  Instant caught_up_at;
};
// From the reply to HMGET; nullopt: no such hash. "view-damaged": it was written by somebody else.
Result<std::optional<RedisMeta>> parse_meta(const Reply& reply);
// From the reply to TIME.
Result<Instant> parse_time(const Reply& reply);
// As HSET and HMGET take it.
std::vector<std::string> meta_pairs(const Layout& layout, const State& state);
void add_meta_question(Commands& commands, std::string_view key);

}  // namespace quicklime::views

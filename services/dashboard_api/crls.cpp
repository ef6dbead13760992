#include "dashboard_api/crls.hpp"

#include <sstream>

namespace quicklime::dashboard_api {

views::PointKey crl_key(std::string_view scope) { return {kCrl, std::string(scope)}; }

std::optional<NewestCrl> read_crl(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  std::istringstream words(*value);
  std::string number;
  std::int64_t this_update = 0, next_update = 0, published = 0;
  Position position;
  if (!(words >> number >> this_update >> next_update >> published >> position.epoch >> position.offset)) return std::nullopt;
  return NewestCrl{number, Instant::from_milliseconds(this_update), Instant::from_milliseconds(next_update),
                   Instant::from_milliseconds(published), position};
}

void fold_crl(const views::Record& record, views::Fold& fold) {
  const auto* published = std::get_if<events::CrlPublished>(&record.event.data);
  if (published == nullptr) return;
  const auto key = crl_key(published->scope);
  const auto before = read_crl(fold.get(key.space, key.key));
  if (before && before->number != published->previous) return;
  std::ostringstream words;
  words << published->number << ' ' << published->this_update.milliseconds() << ' ' << published->next_update.milliseconds() << ' '
        << record.event.time.milliseconds() << ' ' << record.position.epoch << ' ' << record.position.offset;
  fold.put(key.space, key.key, words.str());
}

std::vector<views::PointKey> crl_reads(const events::Event& event) {
  const auto* published = std::get_if<events::CrlPublished>(&event.data);
  if (published == nullptr) return {};
  return {crl_key(published->scope)};
}

}  // namespace quicklime::dashboard_api

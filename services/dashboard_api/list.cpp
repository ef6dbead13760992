#include "dashboard_api/list.hpp"

#include <algorithm>
#include <set>

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "crypto/hash.hpp"
#include "dashboard_api/plan.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::size_t kRecordsPerRead = 500;
constexpr std::size_t kKeysPerRecord = 8;  // so many keys are looked at where a record would be
constexpr std::size_t kQuestionHash = 8;   // octets in front of a cursor's key: it belongs to one question

std::string question_hash(const Question& question) {
  const auto number = [](const auto& optional) { return optional ? std::to_string(static_cast<int>(*optional)) : std::string(); };
  const auto time = [](const std::optional<Instant>& moment) { return moment ? moment->rfc3339() : std::string(); };
  std::string values;
  for (const auto& [field, value] : question.values) {
    values += std::string(name(field)) + ' ' + std::to_string(value.size()) + ' ' + value;
  }
  const auto hash = crypto::sha256_of_parts({question.whose.value_or(""), question.name, question.is_suffix ? "suffix" : "",
                                             question.prefix, number(question.status), question.overdue ? "overdue" : "", values,
                                             time(question.issued_after), time(question.issued_before), time(question.expires_after),
                                             time(question.expires_before), question.as_of ? question.as_of->text : ""});
  return std::string(crypto::view(hash).substr(0, kQuestionHash));
}

std::string cursor_at(const Question& question, std::string_view key) { return base64url_encode(question_hash(question).append(key)); }

// The sort key that the page before ended with; "": this is the first.
Result<std::string> key_of_cursor(const Question& question) {
  if (question.cursor.empty()) return std::string();
  const auto bytes = base64_decode(question.cursor);
  if (!bytes || bytes->size() <= kQuestionHash || !bytes->starts_with(question_hash(question))) {
    return fail(ErrorCode::invalid, "cursor-malformed",
                "the cursor is not one of this list: pass on `next` as it came, with the same filters", "cursor");
  }
  return bytes->substr(kQuestionHash);
}

struct Records {
  std::vector<std::optional<Certificate>> certificates;  // nullopt: not there, or not readable: one bad record hides itself, not the page
  std::optional<Instant> forgotten_before;               // of the same read: what is not there is explained by it
  views::Meta meta;
};

async::Task<Result<Records>> records_of(views::View& view, const std::vector<std::string>& serials) {
  std::vector<views::PointKey> points{forgotten_key()};
  points.reserve(serials.size() + 1);
  for (const auto& serial : serials) points.push_back({kCertificate, serial});
  const auto values = co_await view.get(std::move(points));
  if (!values) co_return forward(values);
  Records records{{}, forgotten_before(values->values.front()), values->meta};
  records.certificates.reserve(serials.size());
  for (std::size_t i = 0; i < serials.size(); ++i) {
    records.certificates.emplace_back();
    if (!values->values[i + 1]) continue;
    auto certificate = decode_certificate(*values->values[i + 1]);
    if (certificate) {
      records.certificates.back() = *std::move(certificate);
    } else {
      log::error("a certificate is left out of a list", {{"serial", serials[i]}, {"detail", certificate.error().detail}});
    }
  }
  co_return records;
}

// What had not ended then may be forgotten by now.
Result<void> require_not_forgotten(const Question& question, const std::optional<Instant>& before) {
  if (!question.as_of || !before || question.as_of->time >= *before) return {};
  return fail(ErrorCode::conflict, "as-of-forgotten",
              "what ended before " + before->rfc3339_seconds() + " is forgotten here, and some of it had not ended at " +
                  question.as_of->text + ": ask for a later moment, or read the log (quicklime log export)",
              "as_of");
}

// As it is asked for: as it was then, if it is one of those that are asked for.
std::optional<Certificate> asked_for(const std::optional<Certificate>& certificate, const Question& question, Instant now) {
  if (!certificate) return std::nullopt;
  auto shown = question.as_of ? as_of(*certificate, *question.as_of) : certificate;
  return shown && matches(*shown, question, now) ? std::move(shown) : std::nullopt;
}

Result<void> add(const Records& records, const Question& question, Page& page) {
  page.examined += records.certificates.size();
  page.forgotten_before = records.forgotten_before;
  return require_not_forgotten(question, records.forgotten_before);
}

// By serial or fingerprint; nullopt: there is none, go by names.
async::Task<Result<std::optional<Page>>> find(views::View& view, const Question& question, Instant now) {
  std::vector<std::string> serials;
  for (const auto& serial : question.serials) serials.push_back(serial.hex());
  if (question.sha256) {
    std::vector<views::PointKey> keys{sha256_key(*question.sha256)};
    const auto points = co_await view.get(std::move(keys));
    if (!points) co_return forward(points);
    if (points->values.front()) serials.push_back(*points->values.front());
  }
  const auto records = co_await records_of(view, serials);
  if (!records) co_return forward(records);
  Page page{.meta = records->meta};
  if (auto known = add(*records, question, page); !known) co_return forward(known);
  Question others = question;  // the text of a search is the serial here, and no name
  if (!question.serials.empty()) others.prefix.clear();
  bool there = question.sha256.has_value();
  for (const auto& certificate : records->certificates) {
    there = there || certificate.has_value();
    if (auto shown = asked_for(certificate, others, now)) page.certificates.push_back(*std::move(shown));
  }
  if (!there) co_return std::nullopt;
  co_return page;
}

// All that one small source has, put into the order that is asked for.
async::Task<Result<Page>> list_whole(views::View& view, const Question& question, const Plan& plan, Instant now, std::string after) {
  const Source& source = plan.sources.front();
  views::Scan scan{source.space, source.prefix, "", views::Direction::ascending, kWhole * 2};
  const auto keys = co_await view.scan(std::move(scan));
  if (!keys) co_return forward(keys);
  std::set<std::string> serials;
  for (const auto& key : keys->keys) serials.emplace(subject_of(key));
  const std::vector<std::string> all(serials.begin(), serials.end());
  const auto records = co_await records_of(view, all);
  if (!records) co_return forward(records);
  Page page{.examined = keys->keys.size(), .meta = keys->meta};
  if (auto known = add(*records, question, page); !known) co_return forward(known);

  const auto is_before = [&plan](const std::string& left, const std::string& right) {
    return plan.direction == views::Direction::ascending ? left < right : left > right;
  };
  std::vector<std::pair<std::string, Certificate>> found;
  for (const auto& certificate : records->certificates) {
    auto shown = asked_for(certificate, question, now);
    if (!shown) continue;
    std::string key = sort_key(*shown, question, plan.order);
    if (after.empty() || is_before(after, key)) found.emplace_back(std::move(key), *std::move(shown));
  }
  std::sort(found.begin(), found.end(), [&](const auto& left, const auto& right) { return is_before(left.first, right.first); });
  for (auto& [key, certificate] : found) {
    if (page.certificates.size() == question.limit) {
      page.next = cursor_at(question, after);
      break;
    }
    after = key;
    page.certificates.push_back(std::move(certificate));
  }
  co_return page;
}

async::Task<Result<Page>> list_walking(views::View& view, const Question& question, const Plan& plan, Instant now, std::string after) {
  Page page{.meta = plan.meta};
  Walk walk(view, plan.sources, plan.bounds, plan.direction, after);
  std::size_t wanted = question.limit + 1;
  std::size_t records_read = 0, keys_left = question.examine * kKeysPerRecord;
  std::string last = after;  // looked at
  for (;;) {
    std::vector<std::string> keys, serials;
    bool more = true;
    const std::size_t room = std::min(wanted, question.examine - records_read + 1);
    while (keys.size() < room) {
      const std::size_t before = walk.examined();
      const auto key = co_await walk.next(room - keys.size(), keys_left);
      if (!key) co_return forward(key);
      keys_left -= std::min(keys_left, walk.examined() - before);
      more = key->has_value();
      if (!more) break;
      serials.push_back(serial_of_sort_key(**key));
      keys.push_back(**key);
    }
    const auto records = co_await records_of(view, serials);
    if (!records) co_return forward(records);
    if (auto known = add(*records, question, page); !known) co_return forward(known);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool is_full = page.certificates.size() == question.limit;
      page.partial = !is_full && records_read == question.examine;
      if (is_full || page.partial) {
        page.next = cursor_at(question, last);
        page.examined += walk.examined();
        co_return page;
      }
      last = keys[i];
      ++records_read;
      auto shown = asked_for(records->certificates[i], question, now);
      // Under each of its names, or where it stood before: it is listed where it stands.
      if (shown && sort_key(*shown, question, plan.order) == last) page.certificates.push_back(*std::move(shown));
    }
    if (!more) {
      page.partial = walk.interrupted();
      if (page.partial) page.next = cursor_at(question, walk.position());
      page.examined += walk.examined();
      co_return page;
    }
    wanted = std::min(wanted * 2, kRecordsPerRead);
    co_await async::yield();
  }
}

}  // namespace

async::Task<Result<Page>> list(views::View& view, const Question& question, Instant now) {
  if (question.as_of) now = question.as_of->time;
  const auto after = key_of_cursor(question);
  if (!after) co_return forward(after);
  if (question.sha256 || (!question.serials.empty() && after->empty())) {
    auto found = co_await find(view, question, now);
    if (!found) co_return forward(found);
    if (*found) co_return **std::move(found);
  }
  const auto plan = co_await choose(view, question, now);
  if (!plan) co_return forward(plan);
  if (plan->sources.empty()) {
    Page page{.forgotten_before = plan->forgotten_before, .meta = plan->meta};
    if (auto known = require_not_forgotten(question, page.forgotten_before); !known) co_return forward(known);
    co_return page;
  }
  if (plan->is_whole) co_return co_await list_whole(view, question, *plan, now, *after);
  co_return co_await list_walking(view, question, *plan, now, *after);
}

}  // namespace quicklime::dashboard_api

#include "dashboard_api/list.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "ca/subject.hpp"
#include "crypto/hash.hpp"

namespace quicklime::dashboard_api {
namespace {

using Status = Question::Status;
using Kind = ca::Status::Kind;
constexpr std::size_t kEntriesPerRead = 500;  // keys of one read, where some of them may not match
constexpr std::size_t kQuestionHash = 8;      // octets in front of a cursor's key: it belongs to one question

// The index that answers a question with the fewest keys that do not match.
struct Path {
  std::string space;
  std::string prefix;
  std::string start;  // first key that can match; "": the end to start from
  views::Direction direction = views::Direction::descending;
  std::string end{};  // ascending: the first key that can no longer match; "": none
};

Path path_of(const Question& question, Instant now) {
  if (question.expires_before) {
    const std::string prefix = group_prefix(question.whose);
    const bool unexpired = question.status == Status::good || question.status == Status::held;
    return {kByExpiry, prefix, unexpired ? prefix + number_text(expiry_number(now)) : "", views::Direction::ascending,
            prefix + number_text(expiry_number(*question.expires_before))};
  }
  if (question.whose != kEverybody) return {kByOffset, group_prefix(question.whose), ""};
  if (question.is_suffix) return {kByName, question.name, "", views::Direction::ascending};
  if (!question.name.empty()) return {kByName, group_prefix(question.name), ""};
  if (question.service) return {kByService, group_prefix(*question.service), ""};
  if (question.status == Status::revoked) return {kByStatus, group_prefix(status_group(Kind::revoked)), ""};
  if (question.status == Status::held) return {kByStatus, group_prefix(status_group(Kind::held)), ""};
  return {kByOffset, group_prefix(kEverybody), ""};
}

bool has_status(const Certificate& certificate, Status status, Instant now) {
  const bool expired = certificate.not_after < now;
  switch (status) {
    case Status::good: return certificate.status.kind == Kind::good && !expired;
    case Status::held: return certificate.status.kind == Kind::held && !expired;
    case Status::revoked: return certificate.status.kind == Kind::revoked;
    case Status::expired: return expired;
  }
  return false;
}

// The first of the certificate's names that is asked for; a suffix may match several.
std::optional<std::string> matching_name(const Certificate& certificate, const Question& question) {
  std::optional<std::string> first;
  for (const auto& name : certificate.names) {
    const std::string group = name_group(name);
    const bool matches = question.is_suffix ? group.starts_with(question.name) : group == question.name;
    if (matches && (!first || group < *first)) first = group;
  }
  return first;
}

bool matches(const Certificate& certificate, const Question& question, const Path& path, std::string_view key, Instant now) {
  if (question.status && !has_status(certificate, *question.status, now)) return false;
  if (question.service && certificate.service != question.service) return false;
  if (question.node && certificate.node != question.node) return false;
  if (question.requester && ca::requester_text(certificate.requester) != *question.requester) return false;
  if (question.expires_before && certificate.not_after >= *question.expires_before) return false;
  if (question.name.empty()) return true;
  const auto name = matching_name(certificate, question);
  // In by_name a certificate stands under each of its names: it is listed under the first that matches.
  return name && (path.space != kByName || *name == group_of(key));
}

std::string question_hash(const Question& question) {
  const auto number = [](const auto& optional) { return optional ? std::to_string(static_cast<int>(*optional)) : std::string(); };
  const std::string before = question.expires_before ? question.expires_before->rfc3339() : "";
  const auto hash = crypto::sha256_of_parts({question.whose, question.name, number(question.status), question.service ? "service" : "",
                                             question.service.value_or(""), before, question.node ? "node" : "", question.node.value_or(""),
                                             question.requester.value_or("")});
  return std::string(crypto::view(hash).substr(0, kQuestionHash));
}

std::string cursor_at(const Question& question, std::string_view key) { return base64url_encode(question_hash(question).append(key)); }

// The last key of the page before.
Result<std::string> key_of_cursor(const Question& question, const Path& path) {
  const auto bytes = base64_decode(question.cursor);
  if (!bytes || !bytes->starts_with(question_hash(question)) || !std::string_view(*bytes).substr(kQuestionHash).starts_with(path.prefix)) {
    return fail(ErrorCode::invalid, "cursor-malformed",
                "the cursor is not one of this list: pass on `next` as it came, with the same filters", "cursor");
  }
  return bytes->substr(kQuestionHash);
}

struct Records {
  std::vector<std::optional<Certificate>> certificates;  // nullopt: not there, or not readable: one bad record hides itself, not the page
  std::optional<Instant> forgotten_before;               // of the same read: what is not there is explained by it
};

async::Task<Result<Records>> records_of(views::View& view, const std::vector<std::string>& keys) {
  std::vector<views::PointKey> points{forgotten_key()};
  points.reserve(keys.size() + 1);
  for (const auto& key : keys) points.push_back({kCertificate, std::string(subject_of(key))});
  const auto values = co_await view.get(std::move(points));
  if (!values) co_return forward(values);
  Records records{{}, forgotten_before(values->values.front())};
  records.certificates.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    records.certificates.emplace_back();
    if (!values->values[i + 1]) continue;
    auto certificate = decode_certificate(*values->values[i + 1]);
    if (certificate) {
      records.certificates.back() = *std::move(certificate);
    } else {
      log::error("a certificate is left out of a list",
                 {{"serial", std::string(subject_of(keys[i]))}, {"detail", certificate.error().detail}});
    }
  }
  co_return records;
}

}  // namespace

async::Task<Result<Page>> list(views::View& view, const Question& question, Instant now) {
  const Path path = path_of(question, now);
  const bool everything_matches = !question.status && !question.service && !question.node && question.name.empty() &&
                                  (!question.requester || question.requester == question.whose);
  std::string last;  // key examined last
  if (!question.cursor.empty()) {
    auto key = key_of_cursor(question, path);
    if (!key) co_return forward(key);
    last = *std::move(key);
  }

  std::optional<Page> page;
  for (std::size_t examined = 0; examined < question.examine;) {
    // One more than the page has room for tells whether there is a next one; one more where the scan begins at the last key.
    const std::size_t room = question.limit - (page ? page->certificates.size() : 0);
    const std::size_t limit = std::min((everything_matches ? room : std::max(room, kEntriesPerRead)), question.examine - examined) + 1;
    views::Scan scan{path.space, path.prefix, last.empty() ? path.start : last, path.direction, limit + (last.empty() ? 0 : 1)};
    const std::size_t asked = scan.limit;
    auto keys = co_await view.scan(std::move(scan));
    if (!keys) co_return forward(keys);
    if (!page) page.emplace(Page{{}, std::nullopt, std::nullopt, keys->meta});
    bool more = keys->keys.size() == asked;
    if (!last.empty() && !keys->keys.empty() && keys->keys.front() == last) keys->keys.erase(keys->keys.begin());
    if (!path.end.empty()) {
      const auto past = std::lower_bound(keys->keys.begin(), keys->keys.end(), path.end);
      more = more && past == keys->keys.end();
      keys->keys.erase(past, keys->keys.end());
    }

    const auto records = co_await records_of(view, keys->keys);
    if (!records) co_return forward(records);
    page->forgotten_before = records->forgotten_before;
    for (std::size_t i = 0; i < keys->keys.size(); ++i) {
      if (page->certificates.size() == question.limit) {
        page->next = cursor_at(question, last);
        co_return *std::move(page);
      }
      last = keys->keys[i];
      ++examined;
      const auto& certificate = records->certificates[i];
      if (certificate && matches(*certificate, question, path, last, now)) page->certificates.push_back(*certificate);
    }
    if (!more) co_return *std::move(page);
    co_await async::yield();
  }
  page->next = cursor_at(question, last);
  co_return *std::move(page);
}

}  // namespace quicklime::dashboard_api

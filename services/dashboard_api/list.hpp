#pragma once
// Lists of certificates: which index answers a question, and a page of it.

#include <optional>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "dashboard_api/view.hpp"
#include "http/message.hpp"
#include "views/view.hpp"

namespace quicklime::dashboard_api {

inline constexpr std::size_t kMaximumPage = 500;
// One request looks at this many certificates at most, however few of them match: the page is then short, or empty, and
// `next` goes on from there.
inline constexpr std::size_t kMaximumExamined = 5'000;

struct Question {
  enum class Status : std::uint8_t { good, held, revoked, expired };
  std::string whose = kEverybody;  // group of by_offset and by_expiry
  std::string name{};              // name_group, or with is_suffix a suffix_group
  bool is_suffix = false;
  std::optional<Status> status{};  // good and held: and not expired
  std::optional<std::string> service{};
  std::optional<std::string> node{};
  std::optional<std::string> requester{};  // ca::requester_text
  std::optional<Instant> expires_before{};
  std::size_t limit = 100;
  std::size_t examine = kMaximumExamined;
  std::string cursor{};
};

// Query parameters limit, cursor, name, status, service, node, requester, expires_before. "parameter-unknown", "limit-malformed",
// "status-unknown", "name-malformed". Administrators and auditors ask of everybody's certificates, a requester of those
// that its own token asked for.
Result<Question> read_question(const http::Request& request, const access::Identity& who);
// The same of all pages: no limit and no cursor, and `format`, which is not looked at here.
Result<Question> read_question_of_all(const http::Request& request, const access::Identity& who);

struct Page {
  std::vector<Certificate> certificates;
  std::optional<std::string> next;
  std::optional<Instant> forgotten_before;  // read with the certificates, so nothing is missing that it does not explain
  views::Meta meta;
};
// By expiry, soonest first, with expires_before; in the order of names with a suffix; else newest first.
// "cursor-malformed": not one of ours, or of another question.
async::Task<Result<Page>> list(views::View& view, const Question& question, Instant now);

}  // namespace quicklime::dashboard_api

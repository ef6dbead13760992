#pragma once
// What is asked of a list of certificates: any filters together.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "access/identity.hpp"
#include "dashboard_api/moment.hpp"
#include "dashboard_api/view.hpp"
#include "http/message.hpp"

namespace quicklime::dashboard_api {

inline constexpr std::size_t kMaximumPage = 500;
// One request looks at this many entries of indexes and certificates at most, however few of them match: the page is then short, or
// empty, says that it is partial, and `next` goes on from there.
inline constexpr std::size_t kMaximumExamined = 5'000;

struct Question {
  enum class Status : std::uint8_t { good, held, revoked, expired };
  std::optional<std::string> whose{};  // whoever sees his own alone: ca::requester_text of him; nullopt: everybody's
  std::string name{};                  // name_group, or with is_suffix a suffix_group
  bool is_suffix = false;
  std::string prefix{};                 // of a name without its kind, lower case
  std::vector<SerialNumber> serials{};  // of a search: one of these, when there is such a certificate; else by name
  std::optional<std::string> sha256{};  // of the DER, hex
  std::optional<Status> status{};       // good and held: and not expired
  bool overdue = false;
  std::map<Field, std::string> values{};  // of every field but the status
  std::optional<Instant> issued_after{}, issued_before{}, expires_after{}, expires_before{};
  std::optional<Moment> as_of{};
  std::size_t limit = 100;
  std::size_t examine = kMaximumExamined;
  std::string cursor{};
};

// Query parameters of the list: limit and cursor, and the filters. "parameter-unknown", "limit-malformed", "status-unknown",
// "name-malformed", "time-malformed", "search-malformed", "sha256-malformed", "renewal-unknown", "as-of-malformed". Administrators and
// auditors ask of everybody's certificates, a requester of those that he asked for.
Result<Question> read_question(const http::Request& request, const access::Identity& who);
// The same of all pages: no limit and no cursor, and `format`, which is not looked at here.
Result<Question> read_question_of_all(const http::Request& request, const access::Identity& who);

// Whether the certificate is one of those that are asked for, `now` being the moment that is asked for. A serial or fingerprint is not
// looked at.
bool matches(const Certificate& certificate, const Question& question, Instant now);
// The first of the certificate's names that is asked for; a suffix or prefix may match several. As by_name orders it, with a prefix as
// by_text does.
std::optional<std::string> matching_name(const Certificate& certificate, const Question& question);

}  // namespace quicklime::dashboard_api

#pragma once
// Lists of certificates: which indexes answer a question, and a page of it.

#include <optional>
#include <string>
#include <vector>

#include "dashboard_api/question.hpp"
#include "dashboard_api/view.hpp"
#include "views/view.hpp"

namespace quicklime::dashboard_api {

struct Page {
  std::vector<Certificate> certificates{};  // with Question::as_of as they were then
  std::optional<std::string> next{};
  std::size_t examined = 0;                   // entries of indexes and certificates
  bool partial = false;                       // it ends because enough was examined; `next` goes on
  std::optional<Instant> forgotten_before{};  // read with the certificates, so nothing is missing that it does not explain
  views::Meta meta;
};
// By expiry, soonest first, with a window of it; what ended last first with the status expired; what became due last first with overdue;
// in the order of names with a suffix or prefix; else newest first. Where one filter leaves few certificates all of them are looked at;
// else the index of that order is read, together with those of other filters where they have the same order (newest first).
// "cursor-malformed": not one of ours, or of another question. "as-of-forgotten" (conflict).
async::Task<Result<Page>> list(views::View& view, const Question& question, Instant now);

}  // namespace quicklime::dashboard_api

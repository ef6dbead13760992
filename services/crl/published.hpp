#pragma once
// The CRLs as they are served: rendered from the view, checked against the log, kept while they are current.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "crl/view.hpp"
#include "views/view.hpp"

namespace quicklime::crl {

// The entries of this CRL (number, previous, rules, signed_at): sorted by serial octets, as pki::append_crl_entry writes
// them. The view has reached the number; what it learns meanwhile does not show. complete: `once` is for what is compared with a
// logged hash.
async::Task<Result<std::string>> render_entries(views::View& view, AuthorityId authority, Publication crl,
                                                views::Complete complete = views::Complete::since_start);

// One current CRL.
struct Published {
  Position number;
  Instant this_update;
  Instant next_update;
  std::string der;   // empty: the entries in this view are not those that were signed
  std::string etag;  // quoted
};

// Any loop.
class PublishedCrls {
 public:
  explicit PublishedCrls(views::View& view) : view_(view) {}

  // The CRL of this publication, from memory when it was asked for before. "crl-entries-differ" (unavailable) when the
  // view disagrees with the log: an alarm for people, logged once, that stays until the next publication.
  async::Task<Result<std::shared_ptr<const Published>>> current(AuthorityId scope, Publication publication);
  // Those asked for so far, the newest of each scope.
  std::map<AuthorityId, std::shared_ptr<const Published>> newest() const;

 private:
  views::View& view_;
  mutable std::mutex mutex_;
  std::map<AuthorityId, std::shared_ptr<const Published>> kept_;
};

}  // namespace quicklime::crl

#pragma once
// From an OCSPRequest to an OCSPResponse: which authority, which statuses, how fresh, signed now or kept.

#include <atomic>
#include <forward_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "ocsp/answer_cache.hpp"
#include "ocsp/service.hpp"
#include "ocsp/settings.hpp"
#include "ocsp/view.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::ocsp {

// What one request gets.
struct Reply {
  // known: good or revoked. unknown: this authority never issued it, as far as the view knows. The rest: no answer inside.
  enum class Kind : std::uint8_t { known, unknown, unauthorized, try_later, internal_error, malformed } kind;
  std::string body;                        // OCSPResponse, DER; empty when there is an answer
  std::shared_ptr<const Answer> answer{};  // known, and the request had no nonce: others may keep it
  const std::string& der() const { return answer ? answer->der : body; }
};

// Any loop.
class Responder {
 public:
  Responder(api::ServiceContext context, CurrentResponder current);

  // readings: what was asked, as far as anybody can tell; none: it was malformed. Of several, the one that names certificates of
  // ours is the one that was sent: chosen by one read of the view, so that one request costs one signature at most.
  // at_least: a position that the caller has seen this view reach; no answer is from before it.
  async::Task<Reply> reply(std::vector<pki::OcspRequest> readings, std::optional<Position> at_least);
  // On the projection thread.
  void applied(const views::Applied& applied);

 private:
  using Values = std::span<const std::optional<std::string>>;

  async::Task<Reply> reply_to(const std::vector<pki::OcspRequest>& readings, std::optional<Position> at_least);
  async::Task<Reply> answer_one(const std::vector<pki::OcspRequest>& readings, const Issuers& issuers, const views::Points& read);
  std::shared_ptr<const Answer> cached(const pki::OcspRequest& request, const std::optional<Position>& at_least);
  // While the view cannot be read: kept, and known from a view that is not older than the limit.
  std::shared_ptr<const Answer> kept_without_view(const pki::OcspRequest& request, const std::optional<Position>& at_least);
  // Kept for this request, by the responder of today, and not yet half as old as it may become.
  std::shared_ptr<const Answer> usable(const pki::OcspRequest& request, const Issuers::Issuer& issuer, Instant now);
  bool has_applied(Position position);
  // statuses: of the request's certificates, as read.
  async::Task<Reply> sign(const pki::OcspRequest& request, const Issuers::Issuer& issuer, const views::Meta& meta, Values statuses);
  Result<const Issuers*> issuers_of(const views::Points& read);
  bool too_old(Milliseconds age) const { return age < Milliseconds(0) || age > shared_.ocsp_stale_limit; }

  api::ServiceContext context_;
  const Settings& settings_;
  const runtime::SharedSettings& shared_;
  CurrentResponder current_;
  AnswerCache cache_;
  // Every table of issuers there ever was: a handful, so that readers need no lock.
  std::atomic<const Issuers*> issuers_{nullptr};
  std::mutex issuers_mutex_;
  std::forward_list<Issuers> all_issuers_;
  // Up to when this process knows its view to be complete, in milliseconds; cached answers count on it.
  std::atomic<std::int64_t> caught_up_at_;
  // Up to where the kept answers follow the view. A read may see a change a moment before `applied` tells of it.
  std::mutex applied_mutex_;
  std::optional<Position> applied_;
  metrics::Counter& hits_;
};

}  // namespace quicklime::ocsp

#include "revocation/related.hpp"

#include <set>
#include <string>

namespace quicklime::revocation {
namespace {

class Search {
 public:
  Search(views::View& view, const std::vector<SerialNumber>& of, std::size_t look_at) : view_(view), of_(of), look_at_(look_at) {
    for (const auto& serial : of) met_.insert(serial.hex());
  }

  async::Task<Result<void>> twins() {
    const auto found = co_await find(view_, of_);
    if (!found) co_return forward(found);
    std::set<std::string> keys;
    for (const auto& record : found->records) {
      if (!record || !keys.insert(record->key_sha256).second) continue;
      auto scan = with_key(record->key_sha256);
      const std::size_t prefix = scan.prefix.size();
      scan.limit = look_at_;
      const auto listed = co_await view_.scan(std::move(scan));
      if (!listed) co_return forward(listed);
      for (const auto& key : listed->keys) {
        if (auto met = meet(key.substr(prefix), twins_); !met) co_return met;
      }
    }
    co_return Result<void>();
  }

  async::Task<Result<void>> successors() {
    std::vector<SerialNumber> step = of_;
    step.insert(step.end(), twins_.begin(), twins_.end());
    while (!step.empty()) {
      const auto found = co_await find(view_, step);
      if (!found) co_return forward(found);
      std::vector<SerialNumber> next;
      for (const auto& record : found->records) {
        if (!record) continue;
        for (const auto& serial : record->successors) {
          if (auto met = meet(serial, next); !met) co_return met;
        }
      }
      successors_.insert(successors_.end(), next.begin(), next.end());
      step = std::move(next);
    }
    co_return Result<void>();
  }

  async::Task<Result<Related>> live(std::size_t limit) {
    Related related;
    related.more = met_.size() >= look_at_;
    auto kept = co_await keep_live(twins_, limit, related.same_key);
    if (!kept) co_return forward(kept);
    related.more = related.more || !*kept;
    kept = co_await keep_live(successors_, limit - related.same_key.size(), related.successors);
    if (!kept) co_return forward(kept);
    related.more = related.more || !*kept;
    co_return related;
  }

 private:
  // False: there was no room for all of them.
  async::Task<Result<bool>> keep_live(const std::vector<SerialNumber>& from, std::size_t room, std::vector<SerialNumber>& to) {
    const auto found = co_await find(view_, from);
    if (!found) co_return forward(found);
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto& record = found->records[i];
      if (!record || record->status.kind == ca::Status::Kind::revoked) continue;
      if (to.size() == room) co_return false;
      to.push_back(from[i]);
    }
    co_return true;
  }

  // One that was not met before goes on the list, while there is room.
  Result<void> meet(const std::string& serial_hex, std::vector<SerialNumber>& to) {
    const auto serial = SerialNumber::from_hex(serial_hex);
    if (!serial) return forward(serial);
    if (met_.size() < look_at_ && met_.insert(serial->hex()).second) to.push_back(*serial);
    return {};
  }

  views::View& view_;
  const std::vector<SerialNumber>& of_;
  const std::size_t look_at_;
  std::set<std::string> met_;
  std::vector<SerialNumber> twins_, successors_;
};

}  // namespace

async::Task<Result<Related>> find_related(views::View& view, const std::vector<SerialNumber>& of, Scope scope, std::size_t limit,
                                          std::size_t look_at) {
  Search search(view, of, look_at);
  if (scope.same_key) {
    if (auto found = co_await search.twins(); !found) co_return forward(found);
  }
  if (scope.with_successors) {
    if (auto found = co_await search.successors(); !found) co_return forward(found);
  }
  co_return co_await search.live(limit);
}

}  // namespace quicklime::revocation

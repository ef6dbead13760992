#include "revocation/related.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

namespace quicklime::revocation {
namespace {

constexpr std::size_t kBatch = 500;  // of one read of the view

class Search {
 public:
  Search(views::View& view, const std::vector<SerialNumber>& of, std::size_t look_at, OnHold held)
      : view_(view), of_(of), look_at_(look_at), held_(held) {
    for (const auto& serial : of) met_.insert(serial.hex());
  }

  async::Task<Result<void>> twins() {
    std::set<std::string> keys;
    std::function<Result<bool>(const SerialNumber&, const Record&)> note = [&](const SerialNumber&, const Record& record) {
      keys.insert(record.key_sha256);
      return true;
    };
    if (auto read = co_await each(of_, std::move(note)); !read) co_return read;
    for (const auto& key : keys) {
      if (auto met = co_await with_this_key(key); !met) co_return met;
    }
    co_return Result<void>();
  }

  async::Task<Result<void>> successors() {
    std::vector<SerialNumber> step = of_;
    step.insert(step.end(), twins_.begin(), twins_.end());
    while (!step.empty()) {
      std::vector<SerialNumber> next;
      std::function<Result<bool>(const SerialNumber&, const Record&)> follow = [&](const SerialNumber&,
                                                                                   const Record& record) -> Result<bool> {
        for (const auto& serial : record.successors) {
          if (auto met = meet(serial, next); !met) return forward(met);
        }
        return !incomplete_;
      };
      if (auto read = co_await each(step, std::move(follow)); !read) co_return read;
      successors_.insert(successors_.end(), next.begin(), next.end());
      step = std::move(next);
    }
    co_return Result<void>();
  }

  async::Task<Result<Related>> live(std::size_t limit) {
    Related related;
    auto room = co_await keep_live(twins_, limit, related.same_key);
    if (room && *room) room = co_await keep_live(successors_, limit - related.same_key.size(), related.successors);
    if (!room) co_return forward(room);
    related.incomplete = incomplete_;
    related.more = incomplete_ || !*room;
    co_return related;
  }

 private:
  // Of these, those that the view knows, in order, until `look` says that it has seen enough: false.
  async::Task<Result<void>> each(const std::vector<SerialNumber>& serials,
                                 std::function<Result<bool>(const SerialNumber&, const Record&)> look) {
    for (std::size_t begin = 0; begin < serials.size(); begin += kBatch) {
      const auto first = serials.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::vector<SerialNumber> batch(first, first + static_cast<std::ptrdiff_t>(std::min(kBatch, serials.size() - begin)));
      const auto found = co_await find(view_, batch);
      if (!found) co_return forward(found);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!found->records[i]) continue;
        const auto goes_on = look(batch[i], *found->records[i]);
        if (!goes_on) co_return forward(goes_on);
        if (!*goes_on) co_return Result<void>();
      }
    }
    co_return Result<void>();
  }

  async::Task<Result<void>> with_this_key(std::string key_sha256) {
    const std::size_t prefix = with_key(key_sha256).prefix.size();
    std::string last;  // the key of the index that was looked at last, with which the next read begins
    for (;;) {
      auto scan = with_key(key_sha256);
      scan.from = last;
      scan.limit = kBatch;
      const auto listed = co_await view_.scan(std::move(scan));
      if (!listed) co_return forward(listed);
      for (const auto& key : listed->keys) {
        if (auto met = meet(key.substr(prefix), twins_); !met) co_return met;
      }
      if (listed->keys.size() < kBatch || incomplete_) co_return Result<void>();
      last = listed->keys.back();
    }
  }

  // False: there was no room for all of them.
  async::Task<Result<bool>> keep_live(const std::vector<SerialNumber>& from, std::size_t room, std::vector<SerialNumber>& to) {
    bool fits = true;
    std::function<Result<bool>(const SerialNumber&, const Record&)> keep = [&](const SerialNumber& serial, const Record& record) {
      if (record.status.kind == ca::Status::Kind::revoked) return true;
      if (record.status.kind == ca::Status::Kind::held && held_ == OnHold::is_done) return true;
      fits = to.size() < room;
      if (fits) to.push_back(serial);
      return fits;
    };
    const auto read = co_await each(from, std::move(keep));
    if (!read) co_return forward(read);
    co_return fits;
  }

  // One that was not met before goes on the list, while there is room.
  Result<void> meet(const std::string& serial_hex, std::vector<SerialNumber>& to) {
    const auto serial = SerialNumber::from_hex(serial_hex);
    if (!serial) return forward(serial);
    if (met_.contains(serial->hex())) return {};
    if (met_.size() >= look_at_) {
      incomplete_ = true;
      return {};
    }
    met_.insert(serial->hex());
    to.push_back(*serial);
    return {};
  }

  views::View& view_;
  const std::vector<SerialNumber>& of_;
  const std::size_t look_at_;
  const OnHold held_;
  bool incomplete_ = false;
  std::set<std::string> met_;
  std::vector<SerialNumber> twins_, successors_;
};

}  // namespace

async::Task<Result<Related>> find_related(views::View& view, const std::vector<SerialNumber>& of, Scope scope, std::size_t limit,
                                          std::size_t look_at, OnHold held) {
  Search search(view, of, look_at, held);
  if (scope.same_key) {
    if (auto found = co_await search.twins(); !found) co_return forward(found);
  }
  if (scope.with_successors) {
    if (auto found = co_await search.successors(); !found) co_return forward(found);
  }
  co_return co_await search.live(limit);
}

}  // namespace quicklime::revocation

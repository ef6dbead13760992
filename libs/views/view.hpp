#pragma once
// A role's read model over the store: what must hold of every answer, whichever backend.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "async/completion.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

// How long ago the view was known to hold all of the log, by the store's clock; nullopt: it never did, somebody folds it.
std::optional<Milliseconds> age(const Meta& meta);

// What a read asks of the view as a whole. A store that was filled before this process started may be half folded, or an older
// copy, and says nothing of it by itself.
enum class Complete : std::uint8_t {
  since_start,  // it has held all of the log at some time since this process started: caught_up_at is not before the store's time at
                // the first read
  once,         // it has held all of the log at some time: for what speaks for itself, a signed CRL, a certificate. May go back
};

// Over one store, one per process and view; shared by the role's handlers on any loop.
//  - absence of data is no answer: what is not as complete as was asked for is refused, "view-incomplete" (unavailable)
//  - a process never goes back: a read below the highest position seen (flushed, rolled back) is
//    read once more and then refused, "view-went-back" (unavailable)
//  - waiting: until the view has applied a position
class View {
 public:
  // Embedded: the runner of this process calls applied(), waiting costs nothing until then. Distributed: nobody does,
  // and waiting polls the store's meta, one poll per 5 ms and process whatever waits. By a runner of this process the view is as
  // complete as that has made it, so whoever serves waits for the runner, once.
  enum class Notified { by_runner, by_polling };
  View(std::string name, ViewStore& store, Notified notified);

  const std::string& name() const { return name_; }
  Notified notified() const { return notified_; }
  async::Task<Result<Points>> get(std::vector<PointKey> keys, Complete complete = Complete::since_start);
  async::Task<Result<Keys>> scan(Scan scan, Complete complete = Complete::since_start);
  async::Task<Result<Count>> count(Scan scan);

  // What the store says of the view now, complete or not: for /readyz of a process whose view nobody notifies.
  async::Task<Result<Meta>> meta();
  // Whether a view that says so of itself may be answered from: "view-incomplete".
  Result<void> require(const Meta& meta, Complete complete) const;
  // Seen by an earlier process: no read that asks for since_start is from before it. Before the first read.
  void never_below(const LogId& log, Position position);

  // Until the view has applied this position, or `unavailable` "view-behind" with Retry-After 1 when the time is over.
  // A position of another epoch is a conflict: "position-of-another-epoch".
  async::Task<Result<void>> reached(Position position, Milliseconds within);

  // By polling: asks the store how far it is, once per 5 ms and process whoever looks. By a runner: nothing to do.
  async::Task<void> look();
  // Called from now on, each time the view has moved: on the projection thread, or on the loop of whoever read.
  // For as long as the view lives.
  void on_moved(std::function<void()> observer);

  void applied(const Meta& meta);  // any thread
  // Meta as last heard, for metrics; nullopt before the first. By polling, only as fresh as the last read.
  std::optional<Meta> last_meta() const;

 private:
  std::string name_;
  ViewStore& store_;
  Notified notified_;
  struct Waiting;
  std::shared_ptr<Waiting> waiting_;
};

// Writes: a view that is older than this (5 s by default) is no ground for a decision: "view-stale", Retry-After 1.
// A negative age is stale. Until when it is ground for one: what is decided by it is not written later.
Result<eventlog::PersistBy> require_fresh(const Meta& meta, Milliseconds limit);

}  // namespace quicklime::views

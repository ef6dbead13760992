#include "http/server.hpp"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <utility>

#include "base/logging.hpp"
#include "http/connection.hpp"

namespace quicklime::http {
namespace {

// One I/O thread. The loop is last: it is destroyed first, and its coroutines with it, while what
// they refer to is still there.
struct Worker {
  Worker(const Limits& limits, const std::string& name, std::function<void()> on_empty)
      : table{.limits = limits, .on_empty = std::move(on_empty)}, thread(name) {
    table.loop = &thread.loop();
  }

  std::vector<async::Listener*> listeners;  // owned by their accepting coroutines, which end when they are closed
  ConnectionTable table;
  async::LoopThread thread;
};

async::Task<void> accept_connections(Worker& worker, std::unique_ptr<async::Listener> listener, std::shared_ptr<const Router> router,
                                     bool of_operator) {
  ConnectionTable& table = worker.table;
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    if (!table.make_room(of_operator)) {
      log::warning("too many connections", {{"limit", std::to_string(table.limits.connections_per_loop)}});
      continue;
    }
    table.loop->spawn(Connection::serve(std::make_shared<Connection>(table, std::move(*stream), router, of_operator)));
    co_await async::yield();  // many new connections do not hold up the old ones
  }
}

Result<std::unique_ptr<async::Listener>> listen(async::Loop& loop, const Endpoint& endpoint, std::uint16_t port) {
  switch (endpoint.kind) {
    case Endpoint::Kind::plain: return async::listen_tcp(loop, endpoint.host, port);
    case Endpoint::Kind::tls: return async::listen_tls(loop, endpoint.host, port, endpoint.tls);
    case Endpoint::Kind::unix_socket: return async::listen_unix(loop, endpoint.host);
  }
  return fail(ErrorCode::internal, "endpoint-unknown", "an endpoint of no kind");
}

}  // namespace

struct Server::Implementation {
  explicit Implementation(const Limits& limits) : limits(limits) {}

  const Limits limits;
  std::function<async::Task<void>()> first{};  // a coroutine of a lambda refers to it as long as it runs
  std::vector<std::uint16_t> ports;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t drained = 0;  // workers without a connection, once draining
  bool draining = false;    // of the caller's thread
  std::vector<std::unique_ptr<Worker>> workers;

  void worker_drained() {
    const std::lock_guard lock(mutex);
    ++drained;
    changed.notify_all();
  }
};

Server::Server(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}

// Every thread has closed its listeners before the first of them ends: a listener may still ask the other threads to make room.
Server::~Server() {
  drain(std::chrono::milliseconds(0));
  for (const auto& worker : implementation_->workers) {
    std::promise<void> closed;
    worker->thread.loop().post([&closed] { closed.set_value(); });
    closed.get_future().wait();
  }
}

Result<std::unique_ptr<Server>> Server::start(std::vector<Endpoint> endpoints, Limits limits, unsigned threads,
                                              std::function<async::Task<void>()> first) {
  auto made = std::make_unique<Implementation>(limits);
  Implementation& self = *made;
  self.first = std::move(first);
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    self.workers.push_back(std::make_unique<Worker>(self.limits, "http-" + std::to_string(i), [&self] { self.worker_drained(); }));
  }
  // 1. Every socket, so that nothing is served unless everything can be.
  struct Bound {
    Worker* worker;
    std::unique_ptr<async::Listener> listener;
    std::shared_ptr<const Router> router;
    bool of_operator;
  };
  std::vector<Bound> bound;
  for (const Endpoint& endpoint : endpoints) {
    std::uint16_t port = endpoint.port;
    if (endpoint.kind != Endpoint::Kind::unix_socket && port != 0) {
      if (auto free = async::check_port_free(endpoint.host, port); !free) return forward(free);
    }
    for (const auto& worker : self.workers) {
      auto listener = listen(worker->thread.loop(), endpoint, port);
      if (!listener) return forward(listener);
      port = (*listener)->port();
      bound.push_back({worker.get(), std::move(*listener), endpoint.router, endpoint.of_operator});
      if (endpoint.kind == Endpoint::Kind::unix_socket) break;
    }
    self.ports.push_back(port);
  }
  // 2. From here on nothing fails. Each worker is told on its own thread.
  for (const auto& worker : self.workers) {
    if (self.first) worker->thread.loop().spawn(self.first());
    worker->thread.loop().spawn(worker->table.watch_handlers());
  }
  // Descriptors are the process's: any thread's idle connections may be what is in the way.
  const auto close_some_idle = [&self] {
    for (const auto& worker : self.workers) {
      worker->thread.loop().post([&worker = *worker] { worker.table.close_some_idle(); });
    }
  };
  for (Bound& one : bound) {
    one.worker->listeners.push_back(one.listener.get());
    one.listener->on_exhaustion(close_some_idle,
                                one.of_operator ? async::Listener::Reserve::one_descriptor : async::Listener::Reserve::none);
    one.worker->thread.loop().spawn(accept_connections(*one.worker, std::move(one.listener), std::move(one.router), one.of_operator));
  }
  return std::unique_ptr<Server>(new Server(std::move(made)));
}

std::uint16_t Server::port(std::size_t endpoint) const { return implementation_->ports.at(endpoint); }

async::Loop& Server::loop(std::size_t thread) { return implementation_->workers.at(thread)->thread.loop(); }

void Server::drain(std::chrono::milliseconds grace) {
  Implementation& self = *implementation_;
  if (std::exchange(self.draining, true)) return;
  for (const auto& worker : self.workers) {
    worker->thread.loop().post([&worker = *worker] {
      for (async::Listener* listener : worker.listeners) listener->close();
      worker.table.drain();
    });
  }
  std::unique_lock lock(self.mutex);
  const bool all = self.changed.wait_for(lock, grace, [&self] { return self.drained >= self.workers.size(); });
  lock.unlock();
  if (all) return;
  for (const auto& worker : self.workers) {
    worker->thread.loop().post([&worker = *worker] { worker.table.cut(); });
  }
}

}  // namespace quicklime::http

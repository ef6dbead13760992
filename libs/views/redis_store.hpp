#pragma once
// A view in Redis 7 or later (or Valkey): readers in the daemons, one runner in the projector.
//
// Keys, all of one view and version under one hash tag, so that every script and transaction stays in one slot; T stands
// for "<key_prefix>{<view>:v<version>}":
//   T:meta                          hash: generation, buckets, spaces, position, log_id, hash, chain, version, writers,
//                                   caught_up_at, current_since, touched_at. Missing: view-missing. Its generation names
//                                   the prefix of the data, so it is the pointer that a rebuild switches.
//   T:<generation>:p:<space>:<n>    points: hash number n of `buckets`, by a hash of the key
//   T:<generation>:i:<space>        index: sorted set, every score 0, in lexical order
//   T:building                      the meta of a rebuild under way
//   T:old                           hash: generations that were switched away, until they are dropped
//
// Another projection version is another T: a new projector folds it while daemons of the old version go on reading
// theirs. A rebuild of the same version is another generation under the same T; readers follow the meta.
//
// Memory: a small hash is a compact list as long as it has at most `hash-max-listpack-entries` fields (512; Valkey and
// older servers 128 or 512) of at most `hash-max-listpack-value` (64) bytes: keep buckets * entries above the number of
// certificates, or raise the settings on the server. `maxmemory-policy noeviction` is required: an evicted key would be an
// answer. Persistence is a convenience only (a shorter start): the log has everything.
//
// ACL users (docs/operations.md); KEYS is the key_prefix and the view, for example quicklime:{ocsp:
//   projector  ~KEYS*    +auth +client|setname +time +eval +evalsha +type +hget +hmget +hgetall +hset +hdel +zadd +zrem
//                        +zrangebylex +rename +del +unlink
//   reader     %R~KEYS*  +auth +client|setname +time +eval_ro +evalsha_ro +hget +hmget +zrangebylex +zrevrangebylex
// The client follows no MOVED: in a cluster, connect to the node that holds the slot.

#include <memory>
#include <string>
#include <vector>

#include "async/tls.hpp"
#include "base/instant.hpp"
#include "base/secret.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

struct RedisOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string unix_socket{};                // a path: instead of host and port
  std::shared_ptr<async::TlsClient> tls{};  // null: plain. The server's name is checked against host
  std::string user{};                       // empty with a password: the default user
  Secret password{};                        // empty: no AUTH
  std::string client_name = "quicklime";    // CLIENT SETNAME; no spaces
  std::string key_prefix = "quicklime:";
  Milliseconds connect_deadline{500};   // name look-up, connection, handshake and AUTH
  Milliseconds read_deadline{250};      // of a get or a scan, whatever it waits for
  Milliseconds runner_deadline{1'000};  // of one exchange of the runner
  std::size_t buckets = 16'384;         // per points space; for a view folded from now on, an existing one keeps its own
  Milliseconds keep_old{600'000};       // what was switched away
};

enum class RedisRun : std::uint8_t {
  follow,   // readers, and the runner of the view that is there (or of the first)
  rebuild,  // a runner that folds the view anew beside the one that is there, which is kept fresh by its own runner and goes on
            // being read. The first caught_up switches; from then on this is as follow
};

// Connects when it is used, so Redis may come later than this process. While Redis cannot be reached everything is
// `unavailable` at once, "redis-unreachable", and a new connection is tried after 50 ms, doubled up to 2 s, with jitter.
//
// get, scan: any loop; each loop has one connection, and what its coroutines ask in one turn is one read-only
// script. A connection that has missed a deadline is closed, and all that waits on it fails: "redis-deadline". What Redis
// refuses (OOM, READONLY, LOADING, NOAUTH, NOPERM, WRONGTYPE, ...) is "redis-refused", with its words. All are `unavailable`.
//
// The runner's calls block; they have a connection and a thread of their own. An apply is one script: it checks position
// and generation, and the type of every key before the first write, so it is done whole or not at all.
// A generation that was switched away is dropped 10 minutes later, and one of an older version 10 minutes after both the switch
// to this version and the last sign of its own runner; caught_up sees to that.
//
// spaces as of the projection; options are used as long as the store lives. Destroy it after the loops that read.
std::unique_ptr<ViewStore> make_redis_store(RedisOptions options, const std::string& view, unsigned version, std::vector<Space> spaces,
                                            RedisRun run = RedisRun::follow);

}  // namespace quicklime::views

#pragma once
// Every date that can end the service, and what is wrong already until somebody mends it, in one list, of which the log, /readyz?verbose
// and the metrics tell alike. A date that is near makes nobody unready: whoever may not serve any more is judged by checks of its own.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "ca/authority.hpp"

namespace quicklime::runtime {

struct Expiry {
  std::string what;  // "crl root-1", "authority issuing-1", "own certificate tls": a label of metrics, always the same
  Instant from;      // of the life that ends
  Instant until;
  std::string remedy;   // what a person can do, or where it is said why it was not done
  std::string fault{};  // what is wrong with it now, whatever its dates: "is revoked"; warned of as if it were due
};

// Any thread.
class Expiries {
 public:
  enum class Stage : std::uint8_t { good, due, ended };  // due: past two thirds of its life, or with a fault
  using Source = std::function<std::vector<Expiry>()>;   // as of now; any thread, never blocks

  // The registry's readers end before this does.
  Expiries(const Clock& clock, metrics::Registry& metrics) : clock_(clock), metrics_(metrics) {}

  void add(Source source);
  std::vector<Expiry> all() const;  // in the order of the sources; of one name what the last of them says
  Stage stage(const Expiry& expiry) const;
  // One line each: "ok  crl root-1 until 2027-11-27T10:00:00Z", "warn ..." with what to do.
  std::string lines() const;

  // One look: what is due or has ended gets a line in this process's log when it is first found so, and then one a day; what is new in
  // the list becomes quicklime_expiry_timestamp_seconds{what} and quicklime_expiry_due{what}.
  std::size_t look();         // how many lines it wrote
  async::Task<void> watch();  // looks for ever, each second

 private:
  struct LastLine {
    Stage stage = Stage::good;
    std::optional<Instant> at{};
  };
  std::optional<Expiry> find(const std::string& what) const;
  bool takes_a_line(LastLine& last, Stage stage, Instant now) const;
  void add_metrics(const std::string& what);

  const Clock& clock_;
  metrics::Registry& metrics_;
  mutable std::mutex mutex_;
  std::vector<Source> sources_;
  std::map<std::string, LastLine> last_lines_;
};

// The certificates of those that are in use.
std::vector<Expiry> expiries_of(const std::vector<ca::Authority>& authorities);

}  // namespace quicklime::runtime

#pragma once
// Metric handles: what a library counts. libs/runtime renders them for Prometheus.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace quicklime::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Seconds, in buckets that suit both a cached OCSP answer and a slow disk.
class Histogram {
 public:
  static const std::vector<double>& bounds();
  void observe(double seconds);
  struct Values {
    std::vector<std::uint64_t> buckets;  // one per bound, and one past the last; not cumulative
    double sum;
  };
  Values values() const;

 private:
  static constexpr std::size_t kBuckets = 15;
  std::atomic<std::uint64_t> buckets_[kBuckets + 1]{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

// One per process, owned by main and handed to what counts. Any thread. Handles stay valid as
// long as the registry; asking again for the same name and labels returns the same handle.
class Registry {
 public:
  Counter& counter(std::string name, std::string help, Labels labels = {});
  Histogram& histogram(std::string name, std::string help, Labels labels = {});
  // Asked when the metrics are read, on that thread.
  void gauge(std::string name, std::string help, std::function<double()> value, Labels labels = {});

  struct Family {
    std::string help;
    std::map<Labels, std::unique_ptr<Counter>> counters;
    std::map<Labels, std::unique_ptr<Histogram>> histograms;
    std::map<Labels, std::function<double()>> gauges;
  };
  // Calls visit for every family, under the registry's lock.
  void each(const std::function<void(const std::string& name, const Family&)>& visit) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Family> families_;
};

}  // namespace quicklime::metrics

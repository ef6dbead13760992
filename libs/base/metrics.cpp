#include "base/metrics.hpp"

#include <algorithm>

namespace quicklime::metrics {

const std::vector<double>& Histogram::bounds() {
  static const std::vector<double> values{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
  return values;
}

void Histogram::observe(double seconds) {
  const auto& limits = bounds();
  const auto bucket = std::lower_bound(limits.begin(), limits.end(), seconds) - limits.begin();
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(static_cast<std::uint64_t>(std::max(seconds, 0.0) * 1e9), std::memory_order_relaxed);
}

Histogram::Values Histogram::values() const {
  Values copy;
  for (const auto& bucket : buckets_) copy.buckets.push_back(bucket.load(std::memory_order_relaxed));
  copy.sum = static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
  return copy;
}

Counter& Registry::counter(std::string name, std::string help, Labels labels) {
  const std::lock_guard lock(mutex_);
  Family& family = families_[std::move(name)];
  family.help = std::move(help);
  auto& handle = family.counters[std::move(labels)];
  if (!handle) handle = std::make_unique<Counter>();
  return *handle;
}

Histogram& Registry::histogram(std::string name, std::string help, Labels labels) {
  const std::lock_guard lock(mutex_);
  Family& family = families_[std::move(name)];
  family.help = std::move(help);
  auto& handle = family.histograms[std::move(labels)];
  if (!handle) handle = std::make_unique<Histogram>();
  return *handle;
}

void Registry::gauge(std::string name, std::string help, std::function<double()> value, Labels labels) {
  const std::lock_guard lock(mutex_);
  Family& family = families_[std::move(name)];
  family.help = std::move(help);
  family.gauges[std::move(labels)] = std::move(value);
}

void Registry::each(const std::function<void(const std::string&, const Family&)>& visit) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) visit(name, family);
}

}  // namespace quicklime::metrics

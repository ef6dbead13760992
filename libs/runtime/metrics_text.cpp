#include "runtime/metrics_text.hpp"

#include <prometheus/text_serializer.h>

#include <limits>

namespace quicklime::runtime {
namespace {

prometheus::ClientMetric labelled(const metrics::Labels& labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

// Ours count each bucket by itself; Prometheus wants each with all below it.
prometheus::ClientMetric::Histogram cumulative(const metrics::Histogram::Values& values) {
  prometheus::ClientMetric::Histogram histogram;
  const std::vector<double>& bounds = metrics::Histogram::bounds();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < values.buckets.size(); ++i) {
    count += values.buckets[i];
    histogram.bucket.push_back({count, i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity()});
  }
  histogram.sample_count = count;
  histogram.sample_sum = values.sum;
  return histogram;
}

}  // namespace

std::string metrics_text(const metrics::Registry& registry) {
  std::vector<prometheus::MetricFamily> families;
  registry.each([&](const std::string& name, const metrics::Registry::Family& family) {
    prometheus::MetricFamily made{name, family.help, prometheus::MetricType::Gauge, {}};
    if (!family.counters.empty()) made.type = prometheus::MetricType::Counter;
    if (!family.histograms.empty()) made.type = prometheus::MetricType::Histogram;
    for (const auto& [labels, counter] : family.counters) {
      made.metric.push_back(labelled(labels));
      made.metric.back().counter.value = static_cast<double>(counter->value());
    }
    for (const auto& [labels, histogram] : family.histograms) {
      made.metric.push_back(labelled(labels));
      made.metric.back().histogram = cumulative(histogram->values());
    }
    for (const auto& [labels, value] : family.gauges) {
      made.metric.push_back(labelled(labels));
      made.metric.back().gauge.value = value();
    }
    families.push_back(std::move(made));
  });
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace quicklime::runtime

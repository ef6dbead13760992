#pragma once
// For backends, which cannot fail a test from their constructors: what must succeed, or throw.

#include <stdexcept>

#include "base/metrics.hpp"
#include "base/result.hpp"

namespace quicklime::eventlog::contract {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

inline metrics::Registry& registry() {
  static metrics::Registry the_registry;
  return the_registry;
}

}  // namespace quicklime::eventlog::contract

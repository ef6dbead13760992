#pragma once
// The rows behind settings(): each key with the member it sets and what that member may be. For the sources of
// configuration.hpp only.

#include <limits>
#include <variant>

#include "runtime/configuration.hpp"

namespace quicklime::runtime {

using Member = std::variant<std::string Configuration::*, std::vector<std::string> Configuration::*, ListenAddress Configuration::*,
                            Milliseconds Configuration::*, std::size_t Configuration::*, unsigned Configuration::*, bool Configuration::*,
                            log::Level Configuration::*, log::Format Configuration::*>;

struct Row {
  std::string key;
  Member member;
  std::string meaning;
  std::int64_t minimum = 0;  // of counts, and of durations in milliseconds
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
};

// In the order of the documentation; the keys of a table stand together, those without a table first.
const std::vector<Row>& rows();

// The words of a choice, in the order of its enumerators.
const std::vector<std::string>& words(log::Level);
const std::vector<std::string>& words(log::Format);

}  // namespace quicklime::runtime

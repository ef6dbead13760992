#pragma once
// Keys of an index that is read in the order of a number: a group, 0, the number big-endian in hex, and whom it is about. A scan over the
// prefix of a group is in the order of the number; a cursor is the last key seen.

#include <cstdint>
#include <string>
#include <string_view>

namespace quicklime::views {

std::string group_prefix(std::string_view group);
std::string index_key(std::string_view group, std::uint64_t number, std::string_view subject);
std::string_view group_of(std::string_view index_key);
std::string_view subject_of(std::string_view index_key);
std::string number_text(std::uint64_t number);  // 16 digits, so that text order is number order

}  // namespace quicklime::views

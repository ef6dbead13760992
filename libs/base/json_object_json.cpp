#include <array>
#include <nlohmann/json.hpp>

#include "base/json_object.hpp"

namespace quicklime {
namespace {

enum class Kind : char { plain, escaped, other };

constexpr std::array<Kind, 256> kinds() {
  std::array<Kind, 256> kinds{};
  for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i] = i >= 0x20 && i < 0x7f ? Kind::plain : Kind::other;
  for (const char c : {'"', '\\', '\n'}) kinds[static_cast<unsigned char>(c)] = Kind::escaped;
  return kinds;
}
constexpr auto kKinds = kinds();

void quote(std::string& out, std::string_view text) {
  const std::size_t begun = out.size();
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto kind_at = [&](std::size_t at) { return kKinds[static_cast<unsigned char>(text[at])]; };
    const std::size_t from = i;
    while (i < text.size() && kind_at(i) == Kind::plain) ++i;
    out.append(text, from, i - from);
    if (i == text.size()) break;
    if (kind_at(i) == Kind::other) {
      out.resize(begun);
      out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      return;
    }
    (out += '\\') += text[i] == '\n' ? 'n' : text[i];
    ++i;
  }
  out += '"';
}

}  // namespace

std::string& JsonObject::name(std::string_view name) {
  out_ += out_.back() == '{' ? "\"" : ",\"";
  return out_.append(name).append("\":");
}

void JsonObject::string(std::string_view name, std::string_view value) { quote(this->name(name), value); }

void JsonObject::strings(std::string_view name, const std::vector<std::string>& values) {
  this->name(name) += '[';
  for (std::size_t i = 0; i < values.size(); ++i) quote(i == 0 ? out_ : out_ += ',', values[i]);
  out_ += ']';
}

}  // namespace quicklime
